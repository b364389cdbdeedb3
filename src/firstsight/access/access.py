"""Who may reach the service, and how: machines, people, its certificate, the proxies it trusts."""

from dataclasses import dataclass

import structlog

from firstsight.access.certificate import Certificate
from firstsight.access.machines import Machines
from firstsight.access.peers import Peers
from firstsight.access.people import People
from firstsight.access.refusals import Refusals
from firstsight.access.sign_on import SignOn
from firstsight.core.errors import StoreError
from firstsight.ports import Trail

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Access:
    """The parts.

    Attributes:
        refusals: requests that were refused.
        peers: tells where a request comes from.
        machines: programs that may ask.
        people: who may log in.
        trail: where it is noted who did what.
        others: whether the settings let other machines reach the service, or name a token file.
        certificate: what TLS presents; None for plain HTTP.
        sign_on: log-in by an identity provider; None where there is none.
    """

    refusals: Refusals
    peers: Peers
    machines: Machines
    people: People
    trail: Trail
    others: bool = False
    certificate: Certificate | None = None
    sign_on: SignOn | None = None

    @property
    def guarded(self) -> bool:
        """Whether somebody could be asked who they are; else a service for this machine alone pays nothing."""
        return self.others or self.has_people or bool(len(self.machines))

    @property
    def has_people(self) -> bool:
        """Whether there is anybody who could log in."""
        return self.sign_on is not None or bool(len(self.people))

    def renew(self) -> None:
        """Take up files that have changed."""
        if self.certificate is not None:
            self.certificate.renew()
        if self.sign_on is not None:
            self.sign_on.renew()
        try:
            self.machines.renew()
        except StoreError as error:  # only when tokens were used: it is written with the next ones
            log.warning("token_uses_not_kept", what=str(error))

    def troubles(self) -> list[str]:
        """What is amiss, sentences."""
        said = [part.trouble() for part in (self.machines, self.certificate, self.sign_on) if part is not None]
        if not self.has_people and self.people.shut_out:
            said.append(
                "Nobody can log in: all users come by an identity provider that [oidc] does not name any more. Set it "
                "again, or make users with a password (`firstsight user add`); or take the old ones away "
                "(`firstsight user list`, `firstsight user remove`)."
            )
        elif self.others and not self.has_people and not len(self.machines):
            said.append(
                "There is no token and no user: nobody but this machine may ask. Make one for each client "
                "(`firstsight token add`) and each person (`firstsight user add`)."
            )
        return [sentence for sentence in said if sentence is not None]

    async def close(self) -> None:
        """Let go of connections."""
        if self.sign_on is not None:
            await self.sign_on.close()
