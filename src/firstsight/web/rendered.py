"""Rendered answers, kept for a short while: clients ask for the same names all day."""


class Rendered:
    """Answers by domain, in two generations that change places by age and by number.

    An answer is used for at most twice `seconds` and never renewed by being used, so that what has become known
    since shows by then: a registration that was read again, a sighting that came late with an earlier time. Neither
    is urgent. Names that lack their age, or are told of for the first time, are not kept here at all.

    Args:
        bound: answers kept at most.
        seconds: how long a generation lasts at most.
    """

    __slots__ = ("_half", "_old", "_seconds", "_since", "_young")

    def __init__(self, bound: int = 200_000, seconds: float = 600.0) -> None:
        self._half = bound // 2
        self._seconds = seconds
        self._since = 0.0
        self._young: dict[str, bytes] = {}
        self._old: dict[str, bytes] = {}

    def get(self, domain: str, now: float) -> bytes | None:
        """The answer, if it is there. `now`: seconds since the epoch."""
        if not 0 <= now - self._since < self._seconds:
            self._turn(now)
        return self._young.get(domain) or self._old.get(domain)

    def put(self, domain: str, answer: bytes, now: float) -> None:
        """Keep an answer."""
        if len(self._young) >= self._half:
            self._turn(now)
        self._young[domain] = answer

    def _turn(self, now: float) -> None:
        self._old = self._young if now - self._since < 2 * self._seconds else {}
        self._young = {}
        self._since = now
