"""Tell Wazuh of what administrators do: some deeds of the trail, gathered, so that many of them are no flood."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from firstsight.core.deeds import EVERY_DEED, Deed
from firstsight.core.ids import stable_id
from firstsight.core.notices import Details, Notice, NoticeState
from firstsight.ports import Changes, Store, Trail

TOLD: Mapping[str, frozenset[str]] = {
    "access_changed": frozenset(
        {"user_added", "user_removed", "user_role", "user_password", "token_added", "token_revoked", "restored"}
    ),
    "alerting_changed": frozenset(
        {
            *("exception_added", "exception_changed", "exception_removed", "exceptions_file"),
            *("imported", "trained", "forgot", "names_taken_away"),
        }
    ),
    "login_locked": frozenset({"login_locked"}),
}
"""The deeds that each kind of notice tells of."""

PAUSE = 300.0
"""Seconds between two notices of a kind; what comes in between is told together."""

_SENTENCES = {
    "access_changed": "Who may ask has changed",
    "alerting_changed": "What raises an alert here has changed",
    "login_locked": "Too many wrong log-ins: an address must wait",
}
_PORTION = 500  # entries a look
_BEGINNING = 86_400.0  # seconds: of a trail from before anything was told, what is no older than that is told
_SAID, _LISTED, _LONGEST = 3, 20, 300  # deeds in the sentence, in the details; characters of one
_MARK = "deeds"


@dataclass(slots=True)
class _Waiting:
    """Deeds to tell of: the first few, how many there are, and the number of the first."""

    first: int
    number: int = 0
    deeds: list[Deed] = field(default_factory=list)

    def add(self, deed: Deed) -> None:
        self.number += 1
        if len(self.deeds) < _LISTED:
            self.deeds.append(deed)


class DeedNotices:
    """Reads the trail behind a mark, which is committed with each notice: every deed is told of once.

    Args:
        store: keeps notices, and the mark.
        trail: what was done.
    """

    def __init__(self, store: Store, trail: Trail) -> None:
        self._store = store
        self._trail = trail
        self._marked: dict[str, int] | None = None  # by kind: all up to this number is told
        self._read = 0
        self._oldest = 0.0  # what was done before is not told
        self._waiting: dict[str, _Waiting] = {}
        self._told_at: dict[str, float] = {}

    def look(self, now: float) -> None:
        """Take what is new, and tell what is due.

        Raises:
            StoreError: nothing of it is told; the next look tries again.
        """
        marked = self._begin(now)
        for number, deed in self._trail.deeds(EVERY_DEED, after=self._read, limit=_PORTION):
            self._read = number
            for code, deeds in TOLD.items():
                if deed.what in deeds and number > marked.get(code, 0) and deed.at >= self._oldest:
                    self._waiting.setdefault(code, _Waiting(number)).add(deed)
        due = [code for code in self._waiting if not 0 <= now - self._told_at.get(code, -PAUSE) < PAUSE]
        if due or self._read - max(marked.values(), default=0) > _PORTION:
            self._tell(due, now)

    def _begin(self, now: float) -> dict[str, int]:
        if self._marked is None:
            self._marked = msgspec.json.decode(self._store.mark(_MARK) or "{}", type=dict[str, int])
            self._read = min(self._marked.values(), default=0)
            self._oldest = 0.0 if self._marked else now - _BEGINNING
        return self._marked

    def _tell(self, due: list[str], now: float) -> None:
        """Tell of some kinds; with it goes how far all have come."""
        notices = [_notice(code, self._waiting[code], now) for code in due]
        marked = {
            code: self._waiting[code].first - 1 if code in self._waiting and code not in due else self._read
            for code in TOLD
        }
        self._store.apply(Changes(notices=notices, marks={_MARK: msgspec.json.encode(marked).decode()}))
        self._marked = marked
        for code in due:
            del self._waiting[code]
            self._told_at[code] = now


def _notice(code: str, waiting: _Waiting, now: float) -> Notice:
    said = [_phrase(deed) for deed in waiting.deeds]
    more = f"; and {waiting.number - _SAID:,} more" if waiting.number > _SAID else ""
    details: Details = {"count": str(waiting.number), "deeds": said}
    for key, found in (
        ("by", {deed.who for deed in waiting.deeds}),
        ("origins", {deed.origin for deed in waiting.deeds}),
    ):
        if known := sorted(found - {""}):
            details[key] = known
    return Notice(
        stable_id("notice", code, str(waiting.first)),
        code,
        NoticeState.ONCE,
        "",
        f"{_SENTENCES[code]}: {'; '.join(said[:_SAID])}{more}. `firstsight audit` tells everything.",
        at=now,
        since=waiting.deeds[0].at,
        details=details,
    )


def _phrase(deed: Deed) -> str:
    """`user added, alice analyst (by local:root)`."""
    about = f", {deed.about}" if deed.about else ""
    said = f"{deed.what.replace('_', ' ')}{about}"
    by = [f"{word} {name}" for word, name in (("by", deed.who), ("from", deed.origin)) if name]
    return (said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…") + (f" ({', '.join(by)})" if by else "")
