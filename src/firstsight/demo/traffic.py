"""What the company's machines ask on an ordinary day."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from firstsight.demo import company
from firstsight.demo.chance import chance
from firstsight.demo.company import Host

# Windows' codes as Sysmon reports them; how often each ends an ordinary question (real fleets: 9701, "no record of
# that type", is the only status that most names ever have).
ANSWERED, NO_RECORD, TIMEOUT, NO_NAME = "0", "9701", "1460", "9003"
_USUAL = (ANSWERED,) * 14 + (NO_RECORD,) * 5 + (TIMEOUT,)


@dataclass(frozen=True, slots=True)
class Question:
    """One DNS question of one process.

    Attributes:
        at: seconds since the epoch, UTC.
        host: who asked.
        image: the process, single backslashes.
        name: what was asked for.
        status: Windows' code, decimal digits.
        answers: as Sysmon writes them; empty where there are none.
    """

    at: float
    host: Host
    image: str
    name: str
    status: str = ANSWERED
    answers: str = ""


def address(rng: Random) -> str:
    """An answer with an address out of the ranges kept for documentation (RFC 5737), as Sysmon writes it."""
    net = rng.choice(("192.0.2", "198.51.100", "203.0.113"))
    return f"::ffff:{net}.{rng.randint(1, 254)};"


class Traffic:
    """A source of ordinary questions. Two with the same seed know the same sites and tenants."""

    def __init__(self, seed: int) -> None:
        world = chance(seed, "world")
        self.sites = company.small_sites(world)
        self.tenants = list(dict.fromkeys(company.cdn_tenant(world) for _ in range(40)))
        self._platforms = [(image, name) for image, names in company.PLATFORMS for name in names]
        # A few sites are asked for all the time, most hardly ever (Zipf).
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self.sites) + 1)))
        self._makers: dict[Callable[[Random, float], Question], int] = {
            self._platform: 52,
            self._site: 25,
            self._internal: 12,
            self._tenant: 7,
            self._reverse: 2,
            self._probe: 2,
        }

    def question(self, rng: Random, at: float) -> Question:
        """Some machine's next question."""
        make = rng.choices(list(self._makers), list(self._makers.values()))[0]
        return make(rng, at)

    def first_visits(self, rng: Random, start: float, end: float) -> list[Question]:
        """Each site, tenant and platform once between two times, so that all of it is known afterwards."""
        known = [(company.CHROME, name) for name in (*self.sites, *self.tenants)] + self._platforms
        return [
            Question(rng.uniform(start, end), _host(rng, image), image, name, answers=address(rng))
            for image, name in known
        ]

    def _platform(self, rng: Random, at: float) -> Question:
        image, name = rng.choice(self._platforms)
        return _usual(rng, at, image, name)

    def _site(self, rng: Random, at: float) -> Question:
        domain = rng.choices(self.sites, cum_weights=self._weights)[0]
        return _usual(rng, at, rng.choice(company.BROWSERS), rng.choice(("", "www.")) + domain)

    def _tenant(self, rng: Random, at: float) -> Question:
        return _usual(rng, at, rng.choice(company.BROWSERS), rng.choice(self.tenants))

    def _internal(self, rng: Random, at: float) -> Question:
        name = rng.choice(company.INTERNAL)
        image = rng.choice((company.SVCHOST, company.LSASS))
        if name.endswith((company.SITE, f"{company.SITE}.")) and not name.startswith("wpad"):
            return Question(at, _host(rng, image), image, name, answers=f"::ffff:10.20.5.{rng.randint(11, 14)};")
        return Question(at, _host(rng, image), image, name, rng.choice((NO_NAME, TIMEOUT)))

    def _reverse(self, rng: Random, at: float) -> Question:
        other = rng.choice(company.HOSTS)
        name = ".".join(reversed(other.ip.split("."))) + ".in-addr.arpa."
        return Question(at, _host(rng, company.SVCHOST), company.SVCHOST, name, answers=f"type:  12 {other.computer};")

    def _probe(self, rng: Random, at: float) -> Question:
        """Chromium asks for a label that can't exist to see whether the network answers anything (it should not)."""
        label = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(7, 15)))
        image = rng.choice((company.CHROME, company.EDGE))
        return Question(at, _host(rng, image), image, label, NO_NAME)


def _host(rng: Random, image: str) -> Host:
    """A machine where such a program runs."""
    return rng.choice(company.HOSTS if image in company.SERVICES else company.DESKS)


def _usual(rng: Random, at: float, image: str, name: str) -> Question:
    status = rng.choice(_USUAL)
    return Question(at, _host(rng, image), image, name, status, address(rng) if status == ANSWERED else "")
