"""`firstsight audit`: the trail as JSON lines."""

import json
from datetime import UTC, datetime
from pathlib import Path

from firstsight import compose
from firstsight.core.deeds import deed_document
from firstsight.settings import load
from firstsight.store.reader import reading

_PAGE = 1000


def run(since: datetime | None, config: Path | None) -> int:
    """Print the trail, also while the service runs.

    Args:
        since: a time in UTC; None: all of it.
        config: the settings file.

    Raises:
        FirstsightError: it can't be read.
    """
    begin = 0.0 if since is None else since.replace(tzinfo=UTC).timestamp()
    after = 0
    with reading(compose.store_of(load(config))) as reader:
        while page := reader.deeds(since=begin, after=after, limit=_PAGE):
            for seq, deed in page:
                print(json.dumps(deed_document(seq, deed)))
            after = page[-1][0]
    return 0
