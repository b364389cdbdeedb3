"""Tokens that the provider of the tests signs with real keys, and what becomes of every other."""

import json
import sys
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from firstsight.access.id_token import ALGORITHMS, Claims, IdToken, need_library
from firstsight.core.errors import InputError, RefusedError
from servers.provider import Key, ec_key, ed_key, read, rsa_key, text

CLAIMS = {"sub": "jane", "roles": ["soc-analysts"]}


def verified(token: str, *keys: dict[str, Any]) -> Claims:
    read_token = IdToken.read(token)
    key = read_token.key(keys)
    if key is None:
        raise RefusedError("no key")
    return read_token.claims(key)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa_key(), "RS256"),
        (rsa_key(), "PS256"),
        (ec_key(), "ES256"),
        (ec_key("ec-384", ec.SECP384R1), "ES384"),
        (ed_key(), "EdDSA"),
    ],
)
def test_what_is_signed_is_believed(key: Key, algorithm: str) -> None:
    assert verified(key.token(CLAIMS, algorithm), rsa_key("other").jwk, key.jwk) == CLAIMS


@given(st.data())
def test_whatever_is_changed_in_a_token_it_is_refused(data: st.DataObject) -> None:
    """Each character, the last of each part too, whose last bits say nothing."""
    key = data.draw(st.sampled_from([(rsa_key(), "RS256"), (ec_key(), "ES256")]))
    good = key[0].token(CLAIMS, key[1])
    at = data.draw(st.integers(0, len(good) - 1))
    letters = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.= +/\n\x00é")
    change = data.draw(st.sampled_from(["other", "more", "less"]))
    letter = data.draw(letters.filter(lambda letter: letter != good[at]))
    bad = {
        "other": good[:at] + letter + good[at + 1 :],
        "more": good[:at] + letter + good[at:],
        "less": good[:at] + good[at + 1 :],
    }[change]

    with pytest.raises(RefusedError):
        verified(bad, key[0].jwk)


@given(st.text() | st.binary().map(lambda data: f"{text(data)}.{text(data)}.{text(data)}"))
def test_what_is_no_token_is_refused(told: str) -> None:
    with pytest.raises(RefusedError, match=r"is not believed|no key"):
        verified(told, rsa_key().jwk)


@pytest.mark.parametrize("algorithm", ["none", "NONE", "HS256", "HS384", "ES256K", "RS1", "", None, 1, ["RS256"]])
def test_an_algorithm_that_is_not_believed(algorithm: Any) -> None:
    """No signature at all, and the public key as a shared secret, among them."""
    key = rsa_key()
    _, claims, signature = key.token(CLAIMS).split(".")
    forged = text(json.dumps({"alg": algorithm, "kid": key.kid}).encode())
    if algorithm == "HS256":
        signature = text(key.sign(f"{forged}.{claims}".encode(), "HS256"))

    with pytest.raises(RefusedError, match="its algorithm is none of"):
        verified(f"{forged}.{claims}.{signature}", key.jwk, {"kty": "oct", "k": text(key.pem), "kid": key.kid})
    assert all(kind in {"RSA", "EC", "OKP"} for kind, _ in ALGORITHMS.values())


def test_a_signature_is_by_the_named_key_and_of_its_kind() -> None:
    good, other = rsa_key(), rsa_key("rsa-2")
    for published in (
        {**other.jwk, "kid": good.kid},  # of the name, but another
        {**good.jwk, "use": "enc"},
        {**good.jwk, "alg": "PS256"},
        {**ec_key().jwk, "kid": good.kid},
        {**good.jwk, "n": "!"},
        {**good.jwk, "n": 5},
        {"kty": "RSA", "kid": good.kid},
        other.jwk,
    ):
        with pytest.raises(RefusedError):
            verified(good.token(CLAIMS), published)


def test_a_key_that_comes_along_is_nobodys() -> None:
    good, thief = rsa_key(), rsa_key("thief")
    for header in ({"jwk": thief.jwk}, {"jku": "http://127.0.0.1:1/keys"}, {"x5u": "http://127.0.0.1:1/"}):
        with pytest.raises(RefusedError):
            verified(thief.token(CLAIMS, kid=good.kid, **header), good.jwk)


def test_a_key_that_is_too_short_is_not_believed() -> None:
    short = rsa_key("short", 1024)
    with pytest.raises(RefusedError, match="signature does not hold"):
        verified(short.token(CLAIMS), short.jwk)


def test_what_is_critical_and_not_known_is_refused() -> None:
    key = rsa_key()
    headers: list[dict[str, Any]] = [{"crit": ["exp"], "exp": 1}, {"crit": []}, {"crit": ["b64"], "b64": False}]
    for header in headers:
        with pytest.raises(RefusedError):
            verified(key.token(CLAIMS, **header), key.jwk)


def test_without_the_name_of_a_key_only_one_may_fit() -> None:
    key, other = rsa_key(), rsa_key("rsa-2")
    head, claims, _ = key.token(CLAIMS).split(".")
    nameless = text(json.dumps({"alg": "RS256"}).encode())
    token = f"{nameless}.{claims}.{text(key.sign(f'{nameless}.{claims}'.encode(), 'RS256'))}"

    assert verified(token, key.jwk, ec_key().jwk) == CLAIMS
    assert IdToken.read(token).key([key.jwk, other.jwk]) is None
    assert json.loads(read(head))["kid"] == key.kid


@pytest.mark.parametrize("claims", ["jane", ["jane"], None, 5])
def test_claims_are_an_object(claims: Any) -> None:
    with pytest.raises(RefusedError, match="no JSON object"):
        verified(rsa_key().token(claims), rsa_key().jwk)


def test_what_is_too_long_or_too_deep() -> None:
    deep = text(b"[" * 30_000)
    for told in ("a" * 70_000, f"{deep}.{deep}.aaaa", f"{'a' * 9}..{'a' * 9}", "a.b.c.d.e"):
        with pytest.raises(RefusedError):
            verified(told, rsa_key().jwk)


def test_without_the_extra_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    need_library()
    monkeypatch.setitem(sys.modules, "jwt", None)
    with pytest.raises(InputError, match=r"install '\.\[oidc\]'"):
        need_library()
