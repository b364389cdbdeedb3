"""How often a log-in may be tried: too many wrong ones lock out whoever sends them, and nobody else.

Counted by address, and by address and name together; never by name alone, as anybody could lock a person out then.
"""

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_network

from firstsight.access.peers import plain_address
from firstsight.ports import Clock

OF_A_NAME, OF_AN_ADDRESS = 5, 20
"""Wrong log-ins, for one name and over all names, after which an address must wait."""

_FIRST_WAIT, _LONGEST_WAIT = 60.0, 900.0  # seconds; doubled with each one more
_FORGOTTEN = 3600.0  # seconds after the last wrong one
_MOST = 10_000  # entries; the oldest go first


@dataclass(slots=True)
class _Count:
    wrong: int
    last: float


class Attempts:
    """Wrong log-ins, in memory: a restart forgets them.

    Args:
        clock: the time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: OrderedDict[tuple[str, ...], _Count] = OrderedDict()

    def wait(self, address: str, name: str) -> float:
        """Seconds until the next one is listened to; 0: now."""
        return max(self._wait(key, most) for key, most in _keys(address, name))

    def failed(self, address: str, name: str) -> None:
        """A log-in was wrong."""
        now = self._clock.now()
        for key, _ in _keys(address, name):
            count = self._counts.pop(key, None)
            wrong = 0 if count is None or now - count.last > _FORGOTTEN else count.wrong
            self._counts[key] = _Count(wrong + 1, now)
        while len(self._counts) > _MOST:
            self._counts.popitem(last=False)

    def succeeded(self, address: str, name: str) -> None:
        """The last one was right after all: it does not count, nor what was wrong before for this name here."""
        (of_name, _), (of_address, _) = _keys(address, name)
        self._counts.pop(of_name, None)
        if of_address in self._counts:
            self._counts[of_address].wrong -= 1

    def forgiven(self, address: str, name: str) -> None:
        """The last one was neither right nor wrong: it does not count."""
        for key, _ in _keys(address, name):
            if key in self._counts:
                self._counts[key].wrong -= 1

    def _wait(self, key: tuple[str, ...], most: int) -> float:
        count = self._counts.get(key)
        if count is None or count.wrong < most:
            return 0.0
        wait = min(_FIRST_WAIT * 2.0 ** min(count.wrong - most, 10), _LONGEST_WAIT)
        return max(0.0, count.last + wait - self._clock.now())


def _keys(address: str, name: str) -> tuple[tuple[tuple[str, ...], int], tuple[tuple[str, ...], int]]:
    where = _neighbourhood(address)
    return ((where, name), OF_A_NAME), ((where,), OF_AN_ADDRESS)


def _neighbourhood(address: str) -> str:
    """An address; of IPv6 its /64, which one machine has all of."""
    try:
        found = plain_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)
