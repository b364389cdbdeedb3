"""`firstsight audit`: the trail as JSON lines."""

import json
from datetime import UTC, datetime
from math import inf
from pathlib import Path

from firstsight import compose
from firstsight.core.deeds import DEEDS, DeedFilter, deed_document
from firstsight.core.errors import InputError
from firstsight.settings import load
from firstsight.store.reader import reading

_PAGE = 1000


def run(since: datetime | None, until: datetime | None, who: str, what: str, config: Path | None) -> int:
    """Print the trail, also while the service runs.

    Args:
        since: a time in UTC; None: from its start.
        until: likewise, not included; None: to its end.
        who: a part of whose deeds; empty: anybody's.
        what: one of DEEDS; empty: any.
        config: the settings file.

    Raises:
        FirstsightError: it can't be read, or there is no such deed.
    """
    if what and what not in DEEDS:
        raise InputError(f"--what: nothing is noted as {what!r}. There are {', '.join(DEEDS)}.")
    wanted = DeedFilter(what, who, _seconds(since, 0.0), _seconds(until, inf))
    after = 0
    with reading(compose.store_of(load(config))) as reader:
        while page := reader.deeds(wanted, after=after, limit=_PAGE):
            for seq, deed in page:
                print(json.dumps(deed_document(seq, deed)))
            after = page[-1][0]
    return 0


def _seconds(time: datetime | None, otherwise: float) -> float:
    return otherwise if time is None else time.replace(tzinfo=UTC).timestamp()
