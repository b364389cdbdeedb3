"""A domain that is registered anew is told once each time that happens, not once ever."""

from dataclasses import replace

from firstsight.core.case import Case
from firstsight.core.facts import Known
from firstsight.core.reasons import REASONS
from firstsight.core.verdict import Verdict
from firstsight.ports import Changes, Store

_CODE = "re_registered"


class Anew:
    """Which registration of a domain was told of, as a mark in the store.

    Args:
        store: the marks.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def as_told(self, case: Case, verdict: Verdict, changes: Changes) -> Case:
        """The case; what was told of an earlier registration does not count as told."""
        if not case.told & REASONS[_CODE].mask or not _says_so(verdict):
            return case
        key = _key(verdict)
        told = changes.marks.get(key) or self._store.mark(key)
        return case if told == _registered(verdict) else replace(case, told=case.told & ~REASONS[_CODE].mask)

    def note(self, verdict: Verdict, changes: Changes) -> None:
        """An alert leaves."""
        if _says_so(verdict):
            changes.marks[_key(verdict)] = _registered(verdict)


def _says_so(verdict: Verdict) -> bool:
    return any(reason.code == _CODE for reason in verdict.reasons)


def _key(verdict: Verdict) -> str:
    return f"registered:{verdict.domain}"


def _registered(verdict: Verdict) -> str:
    registration = verdict.registration
    return str(int(registration.value.registered)) if isinstance(registration, Known) else ""
