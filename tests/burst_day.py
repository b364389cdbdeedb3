"""A day of a company's DNS with everything that looks like a burst and is none, and one bot whose names are of words.

The names are made here. The same seed gives the same day.
"""

from collections.abc import Iterator
from random import Random

from dns_events import AT, DAY, make_agent, make_event
from firstsight.core.events import Agent, DnsEvent, Status

AGENTS = 40
SICK = 17
INFECTED_AT = AT + 0.6 * DAY

_SYLLABLES = "al bra cor den el fen gar hol is jun kel lor mar nor os pel quin ral sen tor ul ven wes yar zel".split()
_FIRST = "silver quiet bright hidden golden early distant broken simple gentle frozen narrow royal steady".split()
_SECOND = "garden window harbor market letter bridge summer basket valley planet ticket mirror engine corner".split()
_SUFFIXES = ("com", "net", "org", "de", "co.uk")
_OF_THE_SITE = ("quarrymoor.com", "quarrymoor.de", "quarrymoor-group.net", "oldquarry.co.uk", "corp.quarrymoor.lan")
_CUSTOMERS = tuple(f"customer-{n}.com" for n in range(15))  # suffixes that a service engineer's VPN clients bring


def day(seed: int) -> list[DnsEvent]:
    """All events, in order of time; an agent's record numbers count up."""
    rng = Random(seed)  # lifelike, not secret
    sites = [f"{_word(rng)}{_word(rng)}.{rng.choice(_SUFFIXES)}" for _ in range(300)]
    asked = [one for number in range(AGENTS) for one in _ordinary(rng, make_agent(number), sites)]
    asked += _bot(rng, make_agent(SICK))
    asked.sort(key=lambda one: one[0])
    return [
        make_event(name, at=at, agent=agent, status=status, record=number)
        for number, (at, agent, name, status) in enumerate(asked, 1)
    ]


_Asked = tuple[float, Agent, str, Status]


def _ordinary(rng: Random, agent: Agent, sites: list[str]) -> Iterator[_Asked]:
    away = AT + rng.uniform(0.2, 0.8) * DAY  # the VPN drops for a quarter of an hour, and every name fails
    for _ in range(150):
        at, site = AT + rng.uniform(0, DAY), f"www.{rng.choice(sites)}"
        yield at, agent, site, Status.FAILED if away <= at < away + 900 else rng.choice(_ENDS)
    for site in rng.sample(sites, 30):
        yield away + rng.uniform(0, 900), agent, f"cdn.{site}", Status.FAILED
    for _ in range(rng.randint(2, 6)):  # misspelt, several in a row
        at = AT + rng.uniform(0, DAY)
        for n in range(rng.randint(1, 2)):
            yield at + 7 * n, agent, _misspelt(rng, rng.choice(sites)), Status.NXDOMAIN
    for host in ("files01", "print-old", _word(rng)):  # one label before each suffix of the search list
        at = AT + rng.uniform(0, DAY)
        for n, suffix in enumerate(_OF_THE_SITE):
            yield at + n / 10, agent, f"{host}.{suffix}", Status.NXDOMAIN
    for n, customer in enumerate(_CUSTOMERS):
        yield away + 901 + n / 10, agent, f"intranet.{customer}", Status.NXDOMAIN
    for _ in range(9):  # a browser's probes at its start, bare and with the first suffix
        at, probe = AT + rng.uniform(0, DAY), "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=10))
        yield at, agent, probe, Status.NXDOMAIN
        yield at + 0.1, agent, f"{probe}.{_OF_THE_SITE[0]}", Status.NXDOMAIN
    for n in range(25):  # an inventory tool, in a domain that the public DNS doesn't know
        yield away - 600 + n, agent, f"{_word(rng)}-pc{n}.quarryad", Status.NXDOMAIN


_ENDS = (Status.ANSWERED, Status.ANSWERED, Status.EXISTS)


def _bot(rng: Random, agent: Agent) -> Iterator[_Asked]:
    at = INFECTED_AT
    names = {f"{rng.choice(_FIRST)}{rng.choice(_SECOND)}.{rng.choice(('com', 'net', 'ru'))}" for _ in range(120)}
    for n, name in enumerate(sorted(names, key=lambda _: rng.random())):
        at += rng.uniform(5, 60)
        yield at, agent, name, Status.ANSWERED if n == 60 else Status.NXDOMAIN  # its master, at last


def _word(rng: Random) -> str:
    return "".join(rng.choices(_SYLLABLES, k=rng.randint(2, 3)))


def _misspelt(rng: Random, domain: str) -> str:
    place = rng.randrange(1, 4)
    return domain[:place] + domain[place + 1] + domain[place] + domain[place + 2 :]
