"""ID tokens (OpenID Connect Core 1.0 §2): whose signature it is, by which of the keys that the provider publishes.

Verifying is done by PyJWT, which comes with the package's extra `oidc`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import msgspec

from firstsight.access.base64url import decoded, encoded
from firstsight.core.errors import InputError, RefusedError

Jwk = Mapping[str, Any]
"""A key as a provider publishes it (RFC 7517)."""

Claims = Mapping[str, Any]

ALGORITHMS: dict[str, tuple[str, str | None]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), ("RSA", None)),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}
"""The algorithms that are believed, and the kind and curve of a key for each: all of them have a public and a private
key. `none`, and those with a shared secret, are not among them."""

_LONGEST = 65_536
_SHAPE = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}")


def need_library() -> None:
    """See that ID tokens can be verified.

    Raises:
        InputError: the package's extra is not installed.
    """
    try:
        import cryptography  # noqa: F401, PLC0415  # PyJWT can be there without it
        import jwt  # noqa: F401, PLC0415
    except ImportError as error:
        raise InputError(
            "[oidc] needs the package's extra `oidc`, which is not installed: in a checkout, `/opt/firstsight/bin/pip "
            "install '.[oidc]'` adds it. Or leave [oidc] out."
        ) from error


@dataclass(frozen=True, slots=True)
class IdToken:
    """A token that nobody has verified yet. `kid`: which key it says it is signed with."""

    text: str
    algorithm: str
    kid: str | None

    @classmethod
    def read(cls, text: str) -> Self:
        """A token, in the one way that it can be written.

        Raises:
            RefusedError: it is none, or signed in a way that is not believed.
        """
        if len(text) > _LONGEST or not _SHAPE.fullmatch(text):
            raise not_believed("it is not three parts of base64url (an encrypted one is not taken)")
        parts = text.split(".")
        # The last character of a part has bits to spare: a second way to write the same token.
        if any(encoded(_decoded(part)) != part for part in parts):
            raise not_believed("it is not written as base64url is")
        header = _object(_decoded(parts[0]))
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise not_believed(f"its algorithm is none of {', '.join(ALGORITHMS)}")
        if kid is not None and not isinstance(kid, str):
            raise not_believed("its key id is no text")
        return cls(text, algorithm, kid)

    def key(self, keys: Sequence[Jwk]) -> Jwk | None:
        """The key that it says it is signed with; one without a name only where no other could be meant."""
        kind, curve = ALGORITHMS[self.algorithm]
        fitting = [
            key
            for key in keys
            if key.get("kty") == kind
            and (curve is None or key.get("crv") == curve)
            and key.get("use", "sig") == "sig"
            and key.get("alg", self.algorithm) == self.algorithm
            and (self.kid is None or key.get("kid") == self.kid)
        ]
        return fitting[0] if len(fitting) == 1 else None

    def claims(self, key: Jwk) -> Claims:
        """What it claims.

        Raises:
            RefusedError: it is not signed with that key.
        """
        import jwt  # noqa: PLC0415  # an extra

        verifier = jwt.PyJWS(algorithms=list(ALGORITHMS))
        try:
            made = jwt.PyJWK(dict(key), algorithm=self.algorithm)
            found = verifier.decode_complete(
                self.text, made, algorithms=[self.algorithm], options={"enforce_minimum_key_length": True}
            )
        except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
            raise not_believed(f"its signature does not hold ({type(error).__name__})") from error
        return _object(found["payload"])


def _decoded(part: str) -> bytes:
    try:
        return decoded(part)
    except ValueError as error:
        raise not_believed("it is not written as base64url is") from error


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise not_believed("what it holds is no JSON object")
    return found


def not_believed(why: str) -> RefusedError:
    """What somebody is told whose token can't be used."""
    return RefusedError(
        f"The provider's ID token is not believed: {why}. Log in again; if that goes on, tell an admin."
    )
