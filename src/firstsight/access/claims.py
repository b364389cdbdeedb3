"""What an ID token claims: is it for us, of now, for this log-in; and who is it, as what?"""

import re
from collections.abc import Iterator, Mapping

from firstsight.access.id_token import Claims, not_believed
from firstsight.access.people import Role
from firstsight.core.errors import RefusedError

SKEW = 60
"""Seconds that two clocks may differ."""

_END_OF_TIME = 1e12
_OLDEST = 600  # seconds since it was made: it comes straight from the provider
_LONGEST_NAME, _LONGEST_SUBJECT = 64, 255  # the latter by OpenID Connect Core 1.0 §2
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._@+-]")
_STRENGTH = list(Role)


def check_claims(claims: Claims, *, issuer: str, client_id: str, nonce: str, now: float) -> None:
    """See that a token is for this log-in (OpenID Connect Core 1.0 §3.1.3.7).

    Args:
        claims: what it holds.
        issuer: who must have made it.
        client_id: for whom.
        nonce: for which log-in.
        now: seconds since the epoch.

    Raises:
        RefusedError: it is not.
    """
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp")
    if claims.get("iss") != issuer:
        raise not_believed("another provider made it")
    if client_id not in audiences or (len(audiences) > 1 and party is None) or party not in (None, client_id):
        raise not_believed("it was made for another application")
    if claims.get("nonce") != nonce:
        raise not_believed("it was made for another log-in")
    made, ends, begins = (_time(claims, key) for key in ("iat", "exp", "nbf"))
    if made is None or ends is None:
        raise not_believed("it does not say when it was made, and when it ends")
    if made > now + SKEW or (begins is not None and begins > now + SKEW):
        raise _clocks(f"by its clock the provider made it {max(made, begins or made) - now:.0f} seconds from now")
    if ends <= now - SKEW or made < now - _OLDEST - SKEW:
        raise _clocks(f"by its clock the provider made it {now - made:.0f} seconds ago")


def subject_of(claims: Claims) -> str:
    """Who it is at the provider, for ever.

    Raises:
        RefusedError: it does not say.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isprintable():
        raise not_believed("it does not say whom it is about")
    return subject


def name_of(claims: Claims, claim: str) -> str:
    """What a person is called: the claim, else the subject; of characters that a log and a trail can hold."""
    told = next((text for text in _texts(claims, claim) if text.strip()), None)
    return _NOT_IN_A_NAME.sub("_", told or subject_of(claims))[:_LONGEST_NAME]


def role_of(claims: Claims, claim: str, roles: Mapping[str, Role]) -> Role | None:
    """The strongest role that the claim gives; None where it gives none.

    Args:
        claims: what a token holds.
        claim: whose value counts.
        roles: what a value gives.
    """
    given = [roles[text] for text in _texts(claims, claim) if text in roles]
    return max(given, key=_STRENGTH.index, default=None)


def _texts(claims: Claims, claim: str) -> Iterator[str]:
    """The texts of a claim: by its whole name, as some are URLs; else each dot leads into an object."""
    found: object = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, dict) else None
    yield from (text for text in (found if isinstance(found, list) else [found]) if isinstance(text, str))


def _time(claims: Claims, key: str) -> float | None:
    told = claims.get(key)
    if told is None:
        return None
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told < _END_OF_TIME:
        raise not_believed(f"its {key} is no time")
    return told


def _clocks(why: str) -> RefusedError:
    return not_believed(
        f"{why}. A clock is wrong, there or here: an admin should compare them (on this machine `timedatectl` says "
        f"whether it is synchronised)"
    )
