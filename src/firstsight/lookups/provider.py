"""An OpenID Connect provider: its discovery document, its keys, and its answer to a code.

Asked when somebody logs in, never before: the service starts, and judges events, with the provider dead. What its
document names is an answer of somebody outside: it must be as secret on the way as the provider itself, and may lead
inside only to the host that the settings name.
"""

import asyncio
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlsplit

import msgspec

from firstsight.core.errors import ProviderError, RefusedError
from firstsight.lookups.http import HttpClient, HttpError, Reply
from firstsight.ports import Clock

ANSWER_MOST = 262_144
"""Bytes of an answer at most."""

_DOCUMENT = ".well-known/openid-configuration"  # OpenID Connect Discovery 1.0 §4
_STANDS = 3600.0  # seconds that the document and the keys stand
_REST = 5.0  # seconds after a failure in which the next ones are told the same
_KEYS_REST = 60.0  # seconds between two looks for a key that is not known
_MOST_KEYS = 100
_URL = re.compile(r"https?://[^@/?#\s]+([/?][\x21-\x22\x24-\x7e]*)?")
_OK, _BAD, _UNAUTHORIZED = 200, 400, 401


@dataclass(frozen=True, slots=True)
class _Document:
    """What the discovery document says that is of use here."""

    log_in: str
    token: str
    keys: str
    log_out: str | None
    names_itself: bool
    secret_in_form: bool
    read: float


@dataclass(frozen=True, slots=True)
class _Keys:
    keys: list[Mapping[str, Any]]
    read: float


class Provider:
    """ports.IdentityProvider.

    Args:
        issuer: what it calls itself; its URL.
        client_id: what it calls us.
        redirect_uri: where it sends people back to.
        http: asks it; it should follow no redirects, as none belong here.
        clock: the time.
        secret: the client's secret, as it is now; None where it can't be used. Without it, the client is public.
        deadline: seconds for one question.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        redirect_uri: str,
        http: HttpClient,
        clock: Clock,
        secret: Callable[[], str | None] | None = None,
        deadline: float = 10.0,
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._redirect_uri = redirect_uri
        self._http = http
        self._clock = clock
        self._secret = secret
        self._deadline = deadline
        self._host = urlsplit(issuer).hostname or ""
        self._one = asyncio.Lock()  # one question for the document or the keys at a time; the others take its answer
        self._known: _Document | None = None
        self._keys: _Keys | None = None
        self._failed: tuple[float, str] | None = None

    @property
    def issuer(self) -> str:
        """What it calls itself."""
        return self._issuer

    async def log_in_page(self) -> str:
        """The URL at which people log in there."""
        return (await self._document()).log_in

    async def log_out_page(self) -> str | None:
        """The URL at which they log out there; None where it has none."""
        return (await self._document()).log_out

    async def names_itself(self) -> bool:
        """Whether it names itself in each answer (RFC 9207)."""
        return (await self._document()).names_itself

    async def keys(self, *, anew: bool = False) -> Sequence[Mapping[str, Any]]:
        """The keys that it signs with, JWKs (RFC 7517); `anew`: asked for again, once a minute at most."""
        url = (await self._document()).keys
        async with self._one:
            kept, stands = self._keys, _KEYS_REST if anew else _STANDS
            if kept is None or not 0 <= self._clock.now() - kept.read < stands:
                kept = self._keys = _Keys(_read_keys(await self._get(url)), self._clock.now())
        return kept.keys

    async def redeem(self, code: str, verifier: str) -> str:
        """Trade a code for an ID token (RFC 6749 §4.1.3, RFC 7636 §4.5).

        Raises:
            RefusedError: the provider does not take the code.
            ProviderError: it gave no token for another reason.
        """
        document = await self._document()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "client_id": self._client_id,
            "code_verifier": verifier,
        }
        headers = {"Accept": "application/json"}
        if self._secret is not None:
            secret = self._secret()
            if secret is None:
                raise ProviderError("The client's secret can't be used; `degraded` in /readyz says why.")
            if document.secret_in_form:
                form["client_secret"] = secret
            else:  # RFC 6749 §2.3.1: both as in a form, then as in HTTP Basic
                both = f"{quote_plus(self._client_id)}:{quote_plus(secret)}"
                headers["Authorization"] = f"Basic {b64encode(both.encode()).decode()}"
        try:
            reply = await self._http.post(
                document.token, form, deadline=self._deadline, headers=headers, trusted=self._trusted(document.token)
            )
        except HttpError as error:
            raise _unusable(str(error)) from error
        return _id_token(reply)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _document(self) -> _Document:
        async with self._one:
            known, now = self._known, self._clock.now()
            if known is None or not 0 <= now - known.read < _STANDS:
                url = f"{self._issuer.removesuffix('/')}/{_DOCUMENT}"
                known = self._known = self._read_document(await self._get(url), now)
        return known

    async def _get(self, url: str) -> dict[str, Any]:
        """A JSON object. After a failure the provider is left alone for a moment: people wait in a row for it."""
        now = self._clock.now()
        if self._failed is not None and 0 <= now - self._failed[0] < _REST:
            raise ProviderError(self._failed[1])
        try:
            reply = await self._http.get(
                url, deadline=self._deadline, headers={"Accept": "application/json"}, trusted=self._trusted(url)
            )
            if reply.status != _OK:
                raise _unusable(f"{url} answers {reply.status}.")
            found = _object(reply)
        except (HttpError, ProviderError) as error:
            told = error if isinstance(error, ProviderError) else _unusable(str(error))
            self._failed = (self._clock.now(), str(told))
            raise told from error
        self._failed = None
        return found

    def _read_document(self, found: Mapping[str, Any], now: float) -> _Document:
        issuer = found.get("issuer")
        if issuer != self._issuer:
            raise _unusable(
                f"it calls itself {str(issuer)[:200]!r}, and the settings call it {self._issuer!r}. Write [oidc] "
                f"issuer exactly as it does."
            )
        ways = found.get("token_endpoint_auth_methods_supported")
        ways = ways if isinstance(ways, list) else []
        return _Document(
            log_in=self._named(found, "authorization_endpoint"),
            token=self._named(found, "token_endpoint"),
            keys=self._named(found, "jwks_uri"),
            log_out=self._named(found, "end_session_endpoint") if found.get("end_session_endpoint") else None,
            names_itself=found.get("authorization_response_iss_parameter_supported") is True,
            secret_in_form="client_secret_post" in ways and "client_secret_basic" not in ways,
            read=now,
        )

    def _named(self, found: Mapping[str, Any], key: str) -> str:
        """A URL of the document; plain http only where the settings say http, which they may of this machine alone."""
        url = found.get(key)
        secure = isinstance(url, str) and url.startswith("https:")
        if not isinstance(url, str) or not _URL.fullmatch(url) or not (secure or self._beside(url)):
            raise _unusable(f"its discovery document names no usable {key} (an https URL without credentials).")
        return url

    def _beside(self, url: str) -> bool:
        return self._issuer.startswith("http:") and self._trusted(url)

    def _trusted(self, url: str) -> bool:
        return urlsplit(url).hostname == self._host


def _read_keys(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    keys = found.get("keys")
    if not isinstance(keys, list) or len(keys) > _MOST_KEYS:
        raise _unusable("what it publishes at its jwks_uri is no list of keys.")
    return [key for key in keys if isinstance(key, dict)]


def _id_token(reply: Reply) -> str:
    found = _object(reply)
    if reply.status == _OK:
        token = found.get("id_token")
        if not isinstance(token, str):
            raise _unusable("it gave no ID token for the code. Is `openid` among the scopes that it grants firstsight?")
        return token
    why = _word(found.get("error"))
    if reply.status == _BAD and why == "invalid_grant":
        raise RefusedError("The provider does not take its code any more: it was used already, or is too old.")
    if reply.status == _UNAUTHORIZED or why in {"invalid_client", "unauthorized_client"}:
        raise _unusable(
            f"it does not know firstsight by [oidc] client_id and client_secret_file ({why or reply.status}). Compare "
            f"both with what is registered there."
        )
    raise _unusable(f"it answers the code with {reply.status} {why}.")


def _object(reply: Reply) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _unusable(f"what came with status {reply.status} is no JSON object.")
    return found


def _word(told: object) -> str:
    """An error code of OAuth (RFC 6749 §5.2), where it looks like one."""
    return told if isinstance(told, str) and re.fullmatch(r"[a-z0-9_]{1,60}", told) else ""


def _unusable(why: str) -> ProviderError:
    return ProviderError(f"The identity provider can't be used: {why}")
