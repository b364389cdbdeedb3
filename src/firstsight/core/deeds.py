"""What is noted of who did what: the audit trail's words."""

from dataclasses import dataclass

from firstsight.core.times import rfc3339

DEEDS = {
    "token_added": "a machine's token was made",
    "token_revoked": "a machine's token was taken back",
    "user_added": "a person may log in",
    "user_removed": "a person may not log in any more",
    "user_password": "a person has a new password, and is logged out everywhere",
    "user_role": "a person has another role, by what the identity provider said at a log-in",
    "login": "a person logged in",
    "login_failed": "somebody tried to, in vain; `about` is the person whose name was given, empty where there is none",
    "logout": "a person logged out; `about` is `everywhere` where that was asked for",
    "forgot": "a user or an agent was erased; which one is not kept",
    "names_taken_away": "people's names were taken away from what is stored; `about` is what is kept of them",
    "imported": "a list or a history was taken in",
    "exported": "a list was handed out",
    "restored": "a copy was put in the store's place",
}
"""What can be noted, and what it means."""

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody did something.

    Attributes:
        what: one of DEEDS.
        who: `person:NAME` (`person:oidc:NAME` by an identity provider), `token:NAME`, `local:USER` for who was on the
            machine itself; empty where nobody knows.
        at: when, seconds since the epoch.
        about: what it was done to; never a secret, and not whom somebody wanted forgotten.
        origin: the address that asked; empty for a verb.
    """

    what: str
    who: str
    at: float
    about: str = ""
    origin: str = ""


def deed_document(seq: int, deed: Deed) -> dict[str, str | int]:
    """A deed and its number as they leave the house, in the order of an entry's keys."""
    return {
        "seq": seq,
        "time": rfc3339(deed.at) or "",
        "what": deed.what,
        "who": deed.who,
        "about": deed.about,
        "origin": deed.origin,
    }
