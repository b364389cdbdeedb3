"""Carry a plan out: originals kept first, each change whole, Wazuh's own test last, and all of it undone if that fails.

A kill in between leaves a part of the changes and the record of what stood there before: the same verb, or
uninstall, goes on from there. Nothing is taken up by the running manager until it is told to, so half a change does
nothing yet.
"""

import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from firstsight.core.errors import InputError
from firstsight.wazuh.rules import FILE_NAME
from firstsight.wazuh.setup.manager import CONF, Manager
from firstsight.wazuh.setup.originals import FOLDER, Originals
from firstsight.wazuh.setup.plan import PATHS, Change, Plan

_LINES = 4  # of a tool's words that an error repeats
_RULE_ID = re.compile(r"\brule(?: id)? '?(\d+)", re.IGNORECASE)  # src/error_messages/warning_messages.h, 76xx
_COMPLAINT = re.compile(r"\b(?:WARNING|ERROR|CRITICAL)\b")


@contextmanager
def alone(manager: Manager) -> Iterator[None]:
    """Hold the manager's folder against another run of these verbs.

    Raises:
        InputError: another one is at work, or this is not root.
    """
    if os.geteuid() != manager.root:
        raise InputError(f"{manager.home} belongs to another user: run this as root (sudo).")
    folder = os.open(manager.home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                f"Another firstsight is changing {manager.home}. Wait for it, and run this again."
            ) from error
        yield
    finally:
        os.close(folder)


def carry_out(manager: Manager, originals: Originals, plan: Plan) -> None:
    """Make the changes, and keep them only where Wazuh can start with them.

    Raises:
        InputError: Wazuh's test fails, or something can't be written; all is as it was, or the text says what is not.
    """
    fresh = not originals.mode
    for path in PATHS:
        manager.tree.sweep(path)
    done: list[Change] = []
    try:
        _make(manager, originals, plan, done)
    except BaseException as error:
        _undo(manager, done)
        if fresh:
            originals.forget()
        if not isinstance(error, InputError):
            raise
        _blame(manager, plan, error)
        for change in plan.changes:
            manager.tree.put(change.path, change.becomes)
    if not plan.mode:
        originals.forget()
    elif plan.dropped:
        originals.drop(plan.dropped)


def _make(manager: Manager, originals: Originals, plan: Plan, done: list[Change]) -> None:
    """Keep what is there, change it, and have it tested; `done` grows with what was begun."""
    if plan.mode and plan.changes:
        kept = {change.path: (change.was, change.becomes) for change in plan.changes if change.path in PATHS}
        originals.keep(plan.mode, kept)
    for change in plan.changes:
        done.append(change)
        manager.tree.put(change.path, change.becomes)
    if problem := refused(manager, plan):
        raise InputError(problem)


def _undo(manager: Manager, done: Sequence[Change]) -> None:
    for change in reversed(done):
        try:
            manager.tree.put(change.path, change.was)
        except InputError as error:
            raise InputError(
                f"{error} So what was begun could not be undone either. Once it can be written again, run this again, "
                f"or `firstsight wazuh uninstall`: what stood there before is kept in {manager.home / FOLDER}."
            ) from error


def _blame(manager: Manager, plan: Plan, error: InputError) -> None:
    """Say whose fault it was; returns where Wazuh can't start without our files either, and they are to go."""
    if not refused(manager, Plan(None)):
        raise InputError(f"{error} All was put back as it was.") from error
    if plan.mode:
        raise InputError(
            f"{error} All was put back as it was; and without firstsight it does so too: mend that first."
        ) from error


def refused(manager: Manager, plan: Plan) -> str | None:
    """Why Wazuh would not start, or not take our rules; None where it would.

    A rule of ours that is passed over (its parent is not there, say) is a warning to Wazuh; here it is a failure.
    """
    for tool in ("wazuh-analysisd", *(["wazuh-integratord"] if plan.mode == "integration" else [])):
        status, said = manager.run(tool, "-t")
        command = f"`{manager.home / 'bin' / tool} -t`"
        if status:
            return f"{command} ends with status {status}: {last_words(said)}."
        if ours := [line for line in said.splitlines() if _COMPLAINT.search(line) and _is_of_ours(line, plan)]:
            return f"{command} complains: {last_words(chr(10).join(ours))}."
    return None


def last_words(said: str) -> str:
    """The last lines of what a tool said, in one."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return " / ".join(lines[-_LINES:]).rstrip(".") or "it says nothing"


def _is_of_ours(line: str, plan: Plan) -> bool:
    return bool(plan.mode) and (FILE_NAME in line or not plan.rule_ids.isdisjoint(map(int, _RULE_ID.findall(line))))


def take_up(manager: Manager, plan: Plan) -> list[str]:
    """The command, as a list, that makes the manager take the changes up; empty where there is nothing to take up."""
    if not plan.changes:
        return []
    if any(change.path == CONF for change in plan.changes) or not manager.reloads:
        return ["wazuh-control", "restart"]
    return ["wazuh-control", "reload"]
