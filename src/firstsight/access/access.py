"""Who may reach the service, and how: its tokens, its certificate, the proxies it trusts."""

from dataclasses import dataclass

from firstsight.access.certificate import Certificate
from firstsight.access.peers import Peers
from firstsight.access.refusals import Refusals
from firstsight.access.renewed import Renewed
from firstsight.access.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Access:
    """The parts.

    Attributes:
        refusals: requests that were refused.
        peers: tells where a request comes from.
        tokens: who may ask; None where only this machine reaches the service.
        certificate: what TLS presents; None for plain HTTP.
    """

    refusals: Refusals
    peers: Peers
    tokens: Renewed[Tokens] | None = None
    certificate: Certificate | None = None

    def renew(self) -> None:
        """Take up files that have changed."""
        for part in (self.tokens, self.certificate):
            if part is not None:
                part.renew()

    def troubles(self) -> list[str]:
        """What is amiss, sentences."""
        said = [part.trouble() for part in (self.tokens, self.certificate) if part is not None]
        if self.tokens is not None and not len(self.tokens.value):
            said.append("The token file holds no token: nobody but this machine may ask. Add a line for each client.")
        return [sentence for sentence in said if sentence is not None]
