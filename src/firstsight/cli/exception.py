"""`firstsight exception add|list|remove|preview`."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from firstsight.cli.reach import Add, List, Match, Preview, Remove, reach
from firstsight.core.document import Document
from firstsight.core.exception_words import held, matched, phrase

Row = Sequence[object]


def add(match: Match, reason: str, on_behalf_of: str, expires: str, config: Path | None) -> int:
    """Make an exception.

    Args:
        match: what it matches and holds back.
        reason: why.
        on_behalf_of: for whom, if not for whoever runs this.
        expires: when it ends.
        config: the settings file.

    Raises:
        FirstsightError: it can't be made.
    """
    made = reach(config, Add(match, reason, on_behalf_of, expires))
    print(f"Exception {made['id']} is in force: {phrase(made)}.")
    return 0


def list_all(config: Path | None, *, as_json: bool) -> int:
    """Show all exceptions, expired ones too.

    Raises:
        FirstsightError: they can't be read.
    """
    answer = reach(config, List())
    found = answer["exceptions"]
    if as_json:
        print(json.dumps(answer, indent=1))
    elif not found:
        print("There is no exception.")
    else:
        titles = ("ID", "MATCHES", "HOLDS BACK", "UNTIL", "HITS", "LAST HIT", "BY", "REASON")
        _table(
            titles,
            (
                (
                    each["id"],
                    matched(each),
                    held(each),
                    f"expired {each['expires']}" if each["state"] == "expired" else each["expires"],
                    f"{each['hits']:,}",
                    each["last_hit"] or "-",
                    _whose(each),
                    each["reason"],
                )
                for each in found
            ),
        )
    return 0


def remove(exception_id: str, config: Path | None) -> int:
    """End an exception and forget it.

    Raises:
        FirstsightError: there is none, or it stands in the file.
    """
    reach(config, Remove(exception_id))
    print(f"Exception {exception_id} is no more.")
    return 0


def preview(match: Match, config: Path | None, *, as_json: bool) -> int:
    """Show what an exception would have held back.

    Raises:
        FirstsightError: the exception can't be used as written, or the alerts can't be read.
    """
    found = reach(config, Preview(match))
    if as_json:
        print(json.dumps(found, indent=1))
        return 0
    print(
        f"Of {found['alerts']:,} alerts since {found['since']} it would have silenced {found['silenced']:,}, and left "
        f"{found['lowered']:,} with fewer reasons."
    )
    if found["known_indicators"]:
        known = found["known_indicators"]
        print(f"{known:,} that it matches are raised all the same: threat intelligence knows their names.")
    if found["rows"]:
        print()
        titles = ("DOMAIN", "AGENT", "PROCESS", "SILENCED", "FEWER", "HIGHEST", "LAST", "HELD BACK")
        keys = ("domain", "agent", "process", "silenced", "lowered", "severity", "last")
        _table(titles, ([*(each[key] or "-" for key in keys), ", ".join(each["reasons"])] for each in found["rows"]))
    if found["more"]:
        print(f"… and {found['more']:,} more rows; narrow the exception.")
    return 0


def _whose(document: Document) -> str:
    whom = f" for {document['on_behalf_of']}" if document["on_behalf_of"] else ""
    return (document["author"] or (f"line {document['line']}" if document["line"] else "-")) + whom


def _table(titles: Row, rows: Iterable[Row]) -> None:
    lines = [[str(cell) for cell in row] for row in (titles, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
