"""Who sends a request: what the guard in front has found out, for whoever answers."""

from dataclasses import dataclass
from enum import StrEnum

from firstsight.access.people import Session
from firstsight.access.tokens import EVERYTHING, NOTHING, Scopes
from firstsight.core.deeds import By
from firstsight.web.asgi import Scope, peer_of


class Kind(StrEnum):
    """How somebody is known."""

    LOCAL = "local"
    TOKEN = "token"  # noqa: S105  # a kind, no secret
    PERSON = "person"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks.

    Attributes:
        kind: this machine, a token, a person, or nobody that is known.
        name: of the token or the person; empty for the others.
        scopes: what is open.
        client: the address that asks; that of a proxy's client where one asks for it.
        session: a person's.
    """

    kind: Kind
    name: str
    scopes: Scopes
    client: str
    session: Session | None = None

    @property
    def who(self) -> str:
        """As the audit trail names it: `person:alice`, `token:zeek`, `local`; empty for nobody."""
        if self.kind is Kind.NOBODY:
            return ""
        return f"{self.kind}:{self.name}" if self.name else str(self.kind)

    @property
    def called(self) -> str:
        """A person's or token's name; whoever sits at this machine is `local`."""
        return self.name or str(self.kind)

    @property
    def by(self) -> By:
        """Whose deed it is, what this request does."""
        return By(self.who, self.client)

    @property
    def csrf(self) -> str:
        """What a form must send as `csrf`, or a request as X-CSRF-Token; empty where there is no session."""
        return self.session.csrf if self.session else ""


def asker(scope: Scope) -> Asker:
    """Who sends a request. Where nothing stands in front, it is this machine."""
    found: Asker | None = scope.get("state", {}).get("asker")
    if found is not None:
        return found
    return Asker(Kind.LOCAL, "", EVERYTHING, peer_of(scope))


def nobody(client: str) -> Asker:
    """Somebody who is not known, at an open route."""
    return Asker(Kind.NOBODY, "", NOTHING, client)
