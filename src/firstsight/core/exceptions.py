"""Exceptions: what a site lets pass without an alert, on purpose, with a reason and for a time."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import translate
from functools import lru_cache
from hashlib import blake2b

from firstsight.core.errors import InputError
from firstsight.core.names import Name
from firstsight.core.process import program
from firstsight.core.reasons import REASONS

NEVER = "never"
"""The expiry of an exception that is to stay; it has to be said."""

ONLY_NAMED = frozenset({"known_indicator"})
"""Reasons that an exception holds back only where its scope names them."""

OF_AGENTS = frozenset({"nx_burst"})
"""Reasons that an exception holds back only where it names an agent alone: of many domains, and of no known program."""

_BELOW = "*."
_MOST_TEXT = 1000
_DURATION = re.compile(r"([1-9]\d{0,4})([hdw])")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class ExceptionRefusedError(InputError):
    """An exception can't be used as written. `key`: which of its keys is at fault."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(f"The exception's `{key}` {sentence}")
        self.key = key


@dataclass(frozen=True, slots=True)
class ExceptionRule:
    """One exception. It matches where all of `domain`, `process` and `agent` do; what is empty matches everything.

    Attributes:
        domain: lower-case A-labels. `example.com`: that name and all below it that belong to the same registrable
            domain. `*.example.com`: all below it, whoever owns it.
        process: the image's path, or its file name alone; `*` and `?` stand for any characters, and
            case makes no difference.
        agent: the agent's name, likewise.
        scope: codes of the reasons that it holds back, sorted; empty: all but known indicators.
        reason: why, for people.
        author: who made it: as the trail names who asked; for one of the file, as that says.
        on_behalf_of: whom its author named; empty where nobody else.
        expires: when it ends, seconds since the epoch; None: never.
        made: when it was made; None where that is not known.
        line: its line in the exceptions file; 0: it was made by the verb or the API.
    """

    domain: str = ""
    process: str = ""
    agent: str = ""
    scope: tuple[str, ...] = ()
    reason: str = ""
    author: str = ""
    expires: float | None = None
    made: float | None = None
    line: int = 0
    on_behalf_of: str = ""

    @property
    def id(self) -> str:
        """What it is called and counted by: a digest of what it matches and holds back, not of why or how long."""
        parts = (self.domain, self.process.lower(), self.agent.lower(), *self.scope)
        return blake2b("\0".join(parts).encode(), digest_size=5).hexdigest()

    @property
    def holds_sightings(self) -> bool:
        """Whether nothing but a known indicator is left of sightings that it matches."""
        return not self.scope

    def holds(self, code: str) -> bool:
        """Whether it holds a reason back."""
        if code in OF_AGENTS and (self.domain or self.process):
            return False
        return code in self.scope if self.scope else code not in ONLY_NAMED

    def expired(self, now: float) -> bool:
        """Whether it has ended."""
        return self.expires is not None and now >= self.expires


Excepted = Callable[[Name, str, str], Sequence[ExceptionRule]]
"""Says which exceptions are in force that match a name, an agent's name and a program's path."""


class ExceptionRules:
    """The exceptions of a site, to be asked for those that match; a look-up doesn't grow with their number.

    Args:
        rules: the exceptions, expired ones too: they match nothing.
    """

    def __init__(self, rules: Iterable[ExceptionRule] = ()) -> None:
        self._at: dict[str, list[ExceptionRule]] = {}
        self._below: dict[str, list[ExceptionRule]] = {}
        self._anywhere: list[ExceptionRule] = []
        for rule in rules:
            if rule.domain.startswith(_BELOW):
                self._below.setdefault(rule.domain.removeprefix(_BELOW), []).append(rule)
            elif rule.domain:
                self._at.setdefault(rule.domain, []).append(rule)
            else:
                self._anywhere.append(rule)

    def matching(self, name: Name, agent: str, image: str, now: float) -> tuple[ExceptionRule, ...]:
        """The exceptions in force that match.

        Args:
            name: the name asked for.
            agent: name of the agent that asked.
            image: path of the program that asked.
            now: seconds since the epoch.
        """
        return tuple(
            rule
            for rule in (*self._of(name), *self._anywhere)
            if not rule.expired(now)
            and (not rule.agent or _like(rule.agent)(agent) is not None)
            and (not rule.process or _asked_by(rule.process, image))
        )

    def naming(self, name: Name, now: float) -> tuple[ExceptionRule, ...]:
        """The exceptions in force whose domain matches, whatever agent or program they ask for besides."""
        return tuple(rule for rule in self._of(name) if not rule.expired(now))

    def _of(self, name: Name) -> Iterator[ExceptionRule]:
        """Those whose domain matches."""
        at = name.fqdn
        while at:
            if len(at) >= len(name.registrable):  # above it, names are other people's
                yield from self._at.get(at, ())
            at = at.partition(".")[2]
            yield from self._below.get(at, ())


def make_exception(
    parse: Callable[[str], Name],
    *,
    domain: str = "",
    process: str = "",
    agent: str = "",
    scope: Sequence[str] = (),
    reason: str,
    author: str = "",
    expires: str,
    now: float | None = None,
    line: int = 0,
) -> ExceptionRule:
    """An exception out of what a person wrote.

    Args:
        parse: tells what a name is (`NameParser.parse`).
        domain: see ExceptionRule; U-labels are taken too.
        process: see there.
        agent: see there.
        scope: see there, in any order.
        reason: see there.
        author: see there.
        expires: `never`, an RFC 3339 time, a date (to its end, UTC), or, where `now` is given, a duration (`30d`).
        now: the time where it is made now, seconds since the epoch; it must then lie before `expires`.
        line: see ExceptionRule.

    Raises:
        ExceptionRefusedError: it can't be used.
    """
    for key, text in (("process", process), ("agent", agent), ("reason", reason), ("author", author)):
        if len(text) > _MOST_TEXT or not text.isprintable():
            raise ExceptionRefusedError(key, f"is longer than {_MOST_TEXT} characters, or holds a control character.")
    for key, text in (("process", process), ("agent", agent)):
        if text and not text.strip("*? \\/"):
            raise ExceptionRefusedError(
                key, f"matches everything: {text!r}. Leave it out, or write what it is to match."
            )
    if not (domain or process or agent):
        raise ExceptionRefusedError(
            "domain", "is missing, and so are `process` and `agent`: give at least one of them."
        )
    if not reason.strip():
        raise ExceptionRefusedError("reason", "is missing: say why, for whoever reads it in a year.")
    if unknown := [code for code in scope if code not in REASONS]:
        raise ExceptionRefusedError("scope", f"names no reason: {unknown[0]!r}. There are {', '.join(REASONS)}.")
    if (domain or process) and (codes := sorted(OF_AGENTS.intersection(scope))):
        raise ExceptionRefusedError(
            "scope", f"names {codes[0]}, which is an agent's, of many domains: leave `domain` and `process` out."
        )
    return ExceptionRule(
        domain=_pattern(domain, parse) if domain else "",
        process=process,
        agent=agent,
        scope=tuple(sorted(set(scope))),
        reason=reason.strip(),
        author=author.strip(),
        expires=parse_expiry(expires, now),
        made=now,
        line=line,
    )


def _pattern(text: str, parse: Callable[[str], Name]) -> str:
    below = _BELOW if text.startswith(_BELOW) else ""
    name = parse(text.removeprefix(below))
    if "*" in name.fqdn or not name.judged:
        what = "only `*.` in front may stand for anything" if "*" in name.fqdn else f"{name.kind}".replace("_", " ")
        raise ExceptionRefusedError(
            "domain",
            f"can't be used: {text!r} ({what}). Write example.com for a name and all below it, or *.example.com for "
            f"what is below it only.",
        )
    return below + name.fqdn


def parse_expiry(text: str, now: float | None = None) -> float | None:
    """When an exception ends, seconds since the epoch; None: never. The arguments are make_exception's.

    Raises:
        ExceptionRefusedError: it is no such time.
    """
    text = text.strip()
    if text.lower() == NEVER:
        return None
    duration = _DURATION.fullmatch(text) if now is not None else None
    try:
        if duration is not None and now is not None:
            return now + int(duration[1]) * _UNITS[duration[2]].total_seconds()
        if _DATE.fullmatch(text):
            expires = (datetime.fromisoformat(text).replace(tzinfo=UTC) + timedelta(days=1)).timestamp()
        else:
            at = datetime.fromisoformat(text)
            if at.tzinfo is None:
                raise ExceptionRefusedError("expires", f"has no time zone: {text!r}. Write a Z after it for UTC.")
            expires = at.timestamp()
    except (ValueError, OverflowError) as error:
        forms = "a date such as 2027-06-30, a time such as 2027-06-30T12:00:00Z"
        more = "" if now is None else ", a duration such as 30d"
        raise ExceptionRefusedError("expires", f"is no time: {text!r}. Write {forms}{more}, or never.") from error
    if now is not None and expires <= now:
        raise ExceptionRefusedError("expires", f"is past already: {text!r}.")
    return expires


def _asked_by(pattern: str, image: str) -> bool:
    """Whether a program is meant: by its path where the pattern has a separator, else by its file name."""
    path = image.replace("/", "\\")
    pattern = pattern.replace("/", "\\")
    return _like(pattern)(path if "\\" in pattern else program(image)) is not None


@lru_cache(maxsize=4096)
def _like(pattern: str) -> Callable[[str], re.Match[str] | None]:
    """Matches a whole text. `translate` makes expressions that don't backtrack; brackets are characters here."""
    return re.compile(translate(pattern.replace("[", "[[]")), re.IGNORECASE).match
