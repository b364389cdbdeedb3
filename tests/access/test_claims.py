from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.access.claims import SKEW, check_claims, name_of, role_of, subject_of
from firstsight.access.people import Role
from firstsight.core.errors import RefusedError

NOW = 1_795_500_000.0
ISSUER = "https://login.example.com/realms/soc"
GOOD = {"iss": ISSUER, "aud": "firstsight", "nonce": "n", "iat": NOW - 1, "exp": NOW + 300, "sub": "248289761001"}
ROLES = {"soc-leads": Role.ADMIN, "soc-analysts": Role.ANALYST, "staff": Role.VIEWER}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def check(claims: dict[str, Any]) -> None:
    check_claims(claims, issuer=ISSUER, client_id="firstsight", nonce="n", now=NOW)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"aud": ["firstsight"]},
        {"aud": ["other", "firstsight"], "azp": "firstsight"},
        {"azp": "firstsight", "nbf": NOW},
        {"iat": NOW + SKEW - 1, "nbf": NOW + SKEW - 1},
        {"exp": NOW - SKEW + 1},
        {"iat": NOW - 600},
    ],
)
def test_a_token_for_this_log_in(more: dict[str, Any]) -> None:
    check(GOOD | more)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"iss": "https://login.example.com/realms/other"}, "another provider"),
        ({"iss": ISSUER + "/"}, "another provider"),
        ({"aud": "other"}, "another application"),
        ({"aud": []}, "another application"),
        ({"aud": ["firstsight", "other"]}, "another application"),
        ({"aud": "firstsight", "azp": "other"}, "another application"),
        ({"azp": ["firstsight"]}, "another application"),
        ({"nonce": "of another"}, "another log-in"),
        ({"nonce": None}, "another log-in"),
        ({"exp": None}, "when it was made, and when it ends"),
        ({"iat": None}, "when it was made, and when it ends"),
        ({"exp": "soon"}, "its exp is no time"),
        ({"iat": True}, "its iat is no time"),
        ({"nbf": 10**400}, "its nbf is no time"),
        ({"iat": float("nan")}, "its iat is no time"),
        ({"exp": NOW - SKEW}, "1 seconds ago. A clock is wrong"),
        ({"iat": NOW + SKEW + 1}, "61 seconds from now. A clock is wrong"),
        ({"nbf": NOW + SKEW + 1}, "61 seconds from now. A clock is wrong"),
        ({"iat": NOW - 3600}, "3600 seconds ago. A clock is wrong"),
    ],
)
def test_any_other_is_refused_and_says_why(more: dict[str, Any], why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        check(GOOD | more)


@given(st.sampled_from(["iss", "aud", "azp", "nonce", "iat", "exp"]), JSON)
def test_whatever_stands_in_a_claim_it_is_refused_or_right(key: str, value: Any) -> None:
    changed = {**GOOD, key: value}
    if value in (GOOD.get(key), ["firstsight"]) or (key in {"iat", "exp", "azp"} and not isinstance(value, str)):
        try:
            check(changed)
        except RefusedError:
            return
        assert key == "azp" or isinstance(value, int | float | str | list)
    else:
        with pytest.raises(RefusedError):
            check(changed)


@given(JSON)
def test_a_subject_is_a_text_and_a_name_can_stand_anywhere(value: Any) -> None:
    try:
        subject = subject_of({"sub": value})
    except RefusedError:
        assert not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= 255
    else:
        assert subject == value
    name = name_of({"sub": "1", "preferred_username": value}, "preferred_username")
    assert 0 < len(name) <= 64
    assert not set(name) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@+-")


def test_names() -> None:
    assert name_of({"preferred_username": "jane@corp.example"}, "preferred_username") == "jane@corp.example"
    assert name_of({"preferred_username": "oidc:bob\n"}, "preferred_username") == "oidc_bob_"
    assert name_of({"sub": "42", "preferred_username": "  "}, "preferred_username") == "42"


@pytest.mark.parametrize(
    ("claims", "claim", "role"),
    [
        ({"roles": "staff"}, "roles", Role.VIEWER),
        ({"roles": ["staff", "soc-leads", "soc-analysts", "nobody"]}, "roles", Role.ADMIN),
        ({"realm_access": {"roles": ["soc-analysts"]}}, "realm_access.roles", Role.ANALYST),
        ({"https://corp.example/roles": ["staff"]}, "https://corp.example/roles", Role.VIEWER),
        ({"roles": ["SOC-LEADS", "admin", ["soc-leads"], None]}, "roles", None),
        ({"roles": {"soc-leads": True}}, "roles", None),
        ({"roles": []}, "roles", None),
        ({}, "roles", None),
        ({"realm_access": "staff"}, "realm_access.roles", None),
    ],
)
def test_the_strongest_role_counts(claims: dict[str, Any], claim: str, role: Role | None) -> None:
    assert role_of(claims, claim, ROLES) == role
