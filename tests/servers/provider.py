"""An OpenID Connect provider on loopback, with real keys, that can be good, wrong, slow or hostile.

    with Provider() as provider:
        provider.claims["roles"] = ["soc-analysts"]
        ...  # provider.issuer goes into `[oidc] issuer`
        assert provider.traded == 1

It signs by itself, with cryptography and no library for tokens, so that it can also sign what no library would.
"""

import hashlib
import hmac
import json
import secrets
import threading
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from firstsight.clock import SystemClock

CLIENT, SECRET = "firstsight", "s3cret:with/odd+characters"

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class Key:
    """A key pair, and what is published of it."""

    def __init__(self, kid: str, private: Private) -> None:
        self.kid, self.private = kid, private

    @property
    def jwk(self) -> dict[str, Any]:
        public = self.private.public_key()
        if isinstance(public, rsa.RSAPublicKey):
            rsa_numbers = public.public_numbers()
            kind = {"kty": "RSA", "n": _number(rsa_numbers.n), "e": _number(rsa_numbers.e)}
        elif isinstance(public, ec.EllipticCurvePublicKey):
            numbers, size = public.public_numbers(), (public.key_size + 7) // 8
            curve = {256: "P-256", 384: "P-384"}[public.key_size]
            kind = {"kty": "EC", "crv": curve, "x": _number(numbers.x, size), "y": _number(numbers.y, size)}
        else:
            kind = {"kty": "OKP", "crv": "Ed25519", "x": text(public.public_bytes(Encoding.Raw, PublicFormat.Raw))}
        return {**kind, "kid": self.kid, "use": "sig"}

    @property
    def pem(self) -> bytes:
        """The public key as a file would hold it."""
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, data: bytes, algorithm: str) -> bytes:
        if algorithm.startswith("HS"):  # with the public key as the secret: what a verifier must not fall for
            return hmac.digest(self.pem, data, "sha256")
        if algorithm == "none":
            return b""
        match self.private:
            case rsa.RSAPrivateKey():
                pads: dict[str, padding.AsymmetricPadding] = {
                    "RS256": padding.PKCS1v15(),
                    "PS256": padding.PSS(padding.MGF1(SHA256()), 32),
                }
                return self.private.sign(data, pads[algorithm], SHA256())
            case ec.EllipticCurvePrivateKey():
                size = (self.private.key_size + 7) // 8
                digest = SHA256() if size == 32 else SHA384()
                r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(digest)))
                return r.to_bytes(size, "big") + s.to_bytes(size, "big")
        return self.private.sign(data)

    def token(self, claims: Any, algorithm: str = "RS256", **header: Any) -> str:
        """An ID token."""
        head = {"alg": algorithm, "kid": self.kid, "typ": "JWT"} | header
        signed = f"{text(json.dumps(head).encode())}.{text(json.dumps(claims).encode())}"
        return f"{signed}.{text(self.sign(signed.encode(), algorithm))}"


@cache
def rsa_key(kid: str = "rsa-1", bits: int = 2048) -> Key:
    return Key(kid, rsa.generate_private_key(public_exponent=65537, key_size=bits))


@cache
def ec_key(kid: str = "ec-1", curve: type[ec.EllipticCurve] = ec.SECP256R1) -> Key:
    return Key(kid, ec.generate_private_key(curve()))


@cache
def ed_key(kid: str = "ed-1") -> Key:
    return Key(kid, ed25519.Ed25519PrivateKey.generate())


def text(data: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def read(part: str) -> bytes:
    """What `text` was made of."""
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _number(number: int, size: int | None = None) -> str:
    return text(number.to_bytes(size or (number.bit_length() + 7) // 8, "big"))


Answer = tuple[int, bytes, Mapping[str, str]]


class Provider:
    """The provider; `with` runs it in a thread.

    Attributes:
        person: claims of whoever logs in.
        token: claims that are put over what a good token would hold; None takes one away.
        keys: what is published; the first signs.
        document: keys put over the discovery document; None takes one away.
        make: makes the ID token of its claims, where it is no good one.
        answers: by path, whole answers in the place of the usual ones.
        with_page: log in by a page with a button, as people see one; else at once.
        asked: the paths that were asked for, in order.
        traded: how many codes were traded.
    """

    def __init__(self, host: str = "127.0.0.1", public: bool = False) -> None:
        self.person: dict[str, Any] = {"sub": "248289761001", "preferred_username": "jane", "roles": ["soc-analysts"]}
        self.token: dict[str, Any] = {}
        self.keys = [rsa_key()]
        self.document: dict[str, Any] = {}
        self.make: Callable[[dict[str, Any]], str] | None = None
        self.answers: dict[str, Answer] = {}
        self.back: dict[str, str | None] = {}
        self.hang = threading.Event()
        self.hang.set()
        self.with_page, self.public = False, public
        self.algorithm = "RS256"
        self.asked: list[str] = []
        self.traded = 0
        self._codes: dict[str, dict[str, str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(b"")

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers["Content-Length"])))

            def _answer(self, body: bytes) -> None:
                path, _, query = self.path.partition("?")
                provider.asked.append(path)
                provider.hang.wait(30)
                status, told, headers = provider.answers.get(path) or provider.play(
                    path, _form(query), _form(body.decode()), self.headers.get("Authorization", "")
                )
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(told)))
                    self.end_headers()
                    self.wfile.write(told)
                except ConnectionError:
                    pass  # the client has gone away

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://{host}:{self.port}"
        self.issuer = f"{self.url}/realms/soc"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hang.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return self.asked.count(path)

    def play(self, path: str, query: dict[str, str], form: dict[str, str], authorization: str) -> Answer:
        if path == "/realms/soc/.well-known/openid-configuration":
            return _json(self._document())
        if path == "/keys":
            return _json({"keys": [key.jwk for key in self.keys]})
        if path == "/authorize":
            return self.authorize(query)
        if path == "/token":
            return self._token(form, authorization)
        if path == "/out":
            return 200, b"<p>You are logged out of everything.</p>", {"Content-Type": "text/html"}
        return 404, b"", {}

    def _document(self) -> dict[str, Any]:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/out",
            "authorization_response_iss_parameter_supported": True,
            "response_types_supported": ["code"],
        } | self.document
        return {key: value for key, value in found.items() if value is not None}

    def authorize(self, query: dict[str, str]) -> Answer:
        """Somebody is sent here to log in, and back with a code."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert "openid" in query["scope"].split()
        assert query["code_challenge_method"] == "S256"
        if self.with_page and "go" not in query:
            fields = "".join(f'<input type="hidden" name="{key}" value="{value}">' for key, value in query.items())
            page = f'<form action="/authorize">{fields}<button name="go" value="1">I am Jane</button></form>'
            return 200, page.encode(), {"Content-Type": "text/html"}
        code = secrets.token_urlsafe(16)
        self._codes[code] = query
        back = {"code": code, "state": query["state"], "iss": self.issuer} | self.back
        told = urlencode({key: value for key, value in back.items() if value is not None})
        return 302, b"", {"Location": f"{query['redirect_uri']}?{told}"}

    def _token(self, form: dict[str, str], authorization: str) -> Answer:
        given = [unquote_plus(part) for part in b64decode(authorization[6:]).decode().split(":")]
        if not self.public and given != [CLIENT, SECRET] and form.get("client_secret") != SECRET:
            return _json({"error": "invalid_client"}, 401)
        asked = self._codes.pop(form["code"], None)
        challenge = text(hashlib.sha256(form["code_verifier"].encode()).digest())
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return _json({"error": "invalid_grant"}, 400)
        self.traded += 1
        now = int(SystemClock.now())
        claims = {"iss": self.issuer, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": asked["nonce"]}
        claims = {key: value for key, value in (claims | self.person | self.token).items() if value is not None}
        made = self.keys[0].token(claims, self.algorithm) if self.make is None else self.make(claims)
        return _json({"access_token": "unused", "token_type": "Bearer", "id_token": made})


def _form(written: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(written, keep_blank_values=True).items()}


def _json(document: Any, status: int = 200) -> Answer:
    return status, json.dumps(document).encode(), {"Content-Type": "application/json"}


def query_of(url: str) -> dict[str, str]:
    """A URL's query."""
    return _form(urlsplit(url).query)
