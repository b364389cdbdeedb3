"""What is noted of who did what: the audit trail's words."""

from dataclasses import dataclass
from math import inf

from firstsight.core.times import rfc3339

DEEDS = {
    "token_added": "a machine's token was made",
    "token_revoked": "a machine's token was taken back",
    "user_added": "a person may log in",
    "user_removed": "a person may not log in any more",
    "user_role": "a person has another role: by a verb, or by what the identity provider said at a log-in",
    "user_password": "a person has a new password, and is logged out everywhere",
    "login": "a person logged in",
    "login_failed": "somebody tried to, in vain; `about` is the person whose name was given, empty where there is none",
    "login_locked": "so many log-ins were wrong that an address must wait; `about` is as there",
    "logout": "a person logged out; `about` is `everywhere` where that was asked for",
    "reviewed": "an alert was marked; `about` is its id and the state",
    "exception_added": "an exception was made; `about` is its id, what it holds back, and why",
    "exception_changed": "one was made in the place of one that matched and held back the same",
    "exception_removed": "an exception was ended; `about` is what it was",
    "exceptions_file": "another version of the exceptions file is in force; `about` is what has come and gone",
    "forgot": "a user or an agent was erased; which one is not kept",
    "names_taken_away": "people's names were taken away from what is stored; `about` is what is kept of them",
    "imported": "a list or a history was taken in",
    "exported": "a list, alerts or the trail were handed out, or the store was copied",
    "trained": "the randomness model was taught names of this site, or made to forget them",
    "restored": "a copy was put in the store's place",
}
"""What can be noted, and what it means."""

LONGEST = 1000
"""Characters of a deed's text that are kept."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody did something.

    Attributes:
        what: one of DEEDS.
        who: `person:NAME` (`person:oidc:NAME` by an identity provider), `token:NAME`, `local:USER` for who started a
            verb on the machine itself, `local` for what asked there over HTTP; empty where nobody knows.
        at: when, seconds since the epoch.
        about: what it was done to; never a secret, and not whom somebody wanted forgotten.
        origin: the address that asked; empty for a verb.
    """

    what: str
    who: str
    at: float
    about: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class By:
    """Somebody, as `who` and `origin` of their deeds tell."""

    who: str
    origin: str = ""

    def deed(self, what: str, at: float, about: str = "") -> Deed:
        """What they do."""
        return Deed(what, self.who, at, about, self.origin)


@dataclass(frozen=True, slots=True)
class DeedFilter:
    """Which deeds are wanted.

    Attributes:
        what: one of DEEDS; empty: any.
        who: a part of whose they are, in any case; empty: anybody's.
        since: from this time on, seconds since the epoch.
        until: and before this one.
    """

    what: str = ""
    who: str = ""
    since: float = 0.0
    until: float = inf


EVERY_DEED = DeedFilter()
"""Whatever was done, by whomever."""


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
