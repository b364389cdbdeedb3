"""A made-up fleet: its domains, who asks for what, and its questions as Wazuh writes them into alerts.json.

Everything follows from numbers, so that ten million domains need no list: domain `i` has a name, `i` is also its rank
(domain 1 is the most asked for), and who asks for it is arithmetic that the bulk load of a store can turn round.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

DAY = 20_758
"""The day on which all events happen (days since the epoch: 2026-11-01)."""
NOON = DAY * 86400 + 43200
MANAGER = "bench-manager"
OWN = 150
"""Names that an agent asks for all day."""
CORE = 10_000
"""Domains of the smallest store; the same names are asked for in larger ones, to see what only size costs."""
FIRST_NEW = 1 << 27
"""Domains from here on are in no store."""

_BITS = 28
_MASK = (1 << _BITS) - 1
_SPREAD = 2_654_435_761  # a prime near 2^32 / golden ratio: neighbours in rank are far apart in name
_BACK = pow(_SPREAD, -1, 1 << _BITS)
# Sorted and of equal length: names sort as their numbers do.
_SYLLABLES = sorted(first + vowel + last for first in "bdfglmprstvw" for vowel in "aeio" for last in "nrs")[:128]
_ZONES = (".com", ".com", ".com", ".com", ".net", ".org", ".de", ".info", ".co.uk", ".fr")
HOSTS = ("", "www.", "cdn.", "login.")
"""Domain `i` is asked for as `HOSTS[i & 3]` below it."""


def domain(i: int) -> str:
    """The registrable domain of rank `i`, 1 ≤ i < 2^28; 17 characters on average, and no two alike."""
    x = i * _SPREAD & _MASK
    syllables = _SYLLABLES
    return syllables[x >> 21] + syllables[x >> 14 & 127] + syllables[x >> 7 & 127] + syllables[x & 127] + _ZONES[i % 10]


def in_name_order(count: int) -> list[int]:
    """The ranks 1 … count in the order of their names."""
    return [x * _BACK & _MASK for x in sorted(i * _SPREAD & _MASK for i in range(1, count + 1))]


def own(domains: int, agent: int, k: int) -> int:
    """The `k`-th own name of an agent (from 1): any of all domains, popular or not."""
    return (agent * OWN + k) * _SPREAD % domains + 1


def owners(domains: int, agents: int, i: int) -> set[int]:
    """The agents that have domain `i` among their own names."""
    first = (i - 1) * pow(_SPREAD, -1, domains) % domains
    return {number // OWN for number in range(first, (agents + 1) * OWN, domains) if number >= OWN}


@dataclass(frozen=True, slots=True)
class Mix:
    """What a fleet asks for: 85 % from each agent's own names, 15 % by Zipf's law over all stored domains.

    Attributes:
        domains: how many are stored; all of them may be asked for.
        agents: endpoints.
        new: share of events that ask for a domain never seen.
        pairs: share of events by which an agent asks for any stored domain, nearly always its first time.
        hosts: share of events that ask for a new host name below a stored domain.
    """

    domains: int
    agents: int
    new: float = 0.0
    pairs: float = 0.0
    hosts: float = 0.01

    def events(self, count: int, *, first: int = 0) -> Iterator[tuple[bytes, str]]:
        """Alert lines with their newline, each with the new domain it asks for, or "".

        Args:
            count: how many.
            first: number of the first one; a file that goes on where another one ended begins at its count.
        """
        rng = Random(first)
        chance, below = rng.random, self.domains
        new, pairs = self.new, self.new + self.pairs
        hosts = pairs + self.hosts
        for n in range(first, first + count):
            agent = int(chance() * self.agents) + 1
            at, told = chance(), ""
            if at < new:
                told = asked = domain(FIRST_NEW + n)
            elif at < pairs:
                i = int(chance() * below) + 1
                asked = HOSTS[i & 3] + domain(i)
            else:
                # Zipf(1) by a power: P(i) = log((i + 1) / i) / log(domains + 1)
                i = own(below, agent, int(chance() * OWN)) if chance() < 0.85 else int((below + 1) ** chance())
                asked = (f"h{n}." if at < hosts else HOSTS[i & 3]) + domain(i)
            yield line(n, agent, asked), told


def agent_name(agent: int) -> str:
    """An agent's name, which its history is kept by."""
    return f"WS-{agent:05d}"


def _template() -> bytes:
    """An alert of about 1.8 kB; agent, number, name and time are filled in."""
    results = "type:  5 edge-%(short)s.cdn.example.net;" + "".join(f"::ffff:203.0.113.{n};" for n in range(1, 7))
    data = {
        "utcTime": "2026-11-01 %(clock)s.%(fraction)s",
        "processGuid": "{5ab1c0de-%(short)s-6915-0c00-00000000%(short)s}",
        "processId": "7412",
        "queryName": "%(name)s",
        "queryStatus": "0",
        "queryResults": results,
        "image": "C:\\\\Program Files\\\\Mozilla Firefox\\\\firefox.exe",
        "user": "EXAMPLE\\\\user%(short)s",
    }
    told = "".join(f"\\r\\n{key[0].upper()}{key[1:]}: {value}" for key, value in data.items())
    system = {
        "providerName": "Microsoft-Windows-Sysmon",
        "providerGuid": "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}",
        "eventID": "22",
        "version": "5",
        "level": "4",
        "task": "22",
        "opcode": "0",
        "keywords": "0x8000000000000000",
        "systemTime": "2026-11-01T%(clock)s.%(fraction)s1234Z",
        "eventRecordID": "%(record)d",
        "processID": "3188",
        "threadID": "4752",
        "channel": "Microsoft-Windows-Sysmon/Operational",
        "computer": "WS-%(agent)s.example.com",
        "severityValue": "INFORMATION",
        "message": f'"Dns query:\\r\\nRuleName: -{told}"',
    }
    alert = {
        "timestamp": "2026-11-01T%(clock)s.%(fraction)s+0000",
        "rule": {
            "level": 3,
            "description": "Sysmon - Event 22: DNS query",
            "id": "117090",
            "firedtimes": 1,
            "mail": False,
            "groups": ["windows", "sysmon", "sysmon_event_22"],
        },
        "agent": {"id": "%(agent)s", "name": "WS-%(agent)s", "ip": "192.0.2.17"},
        "manager": {"name": MANAGER},
        "id": "1793534400.%(record)d",
        "decoder": {"name": "windows_eventchannel"},
        "location": "EventChannel",
        "data": {"win": {"system": system, "eventdata": data}},
    }
    return json.dumps(alert, separators=(",", ":")).encode() + b"\n"


_LINE = _template().decode()


def line(n: int, agent: int, name: str) -> bytes:
    """Line `n` (a thousand lines share a second): an agent asks for a name."""
    second = n // 1000 % 36000
    clock = f"{12 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    return (
        _LINE % {
            "clock": clock, "fraction": f"{n % 1000:03d}", "short": f"{agent & 0xFFFF:04x}", "agent": f"{agent:05d}",
            "name": name, "record": 1_000_000 + n,
        }
    ).encode()  # fmt: skip
