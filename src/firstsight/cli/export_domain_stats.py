"""`firstsight export domain-stats FILE`: a file that Domain Stats' own import reads, and ours."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from firstsight import compose
from firstsight.cli.desk import noted
from firstsight.cli.files import replaced
from firstsight.core.dnsstat import Dialect
from firstsight.core.facts import Known, Registration
from firstsight.core.lens import Lens
from firstsight.core.names import Name
from firstsight.core.verdict import Seen
from firstsight.ports import Answer
from firstsight.settings import load
from firstsight.store.reader import Reader, reading

_PAGE = 1000


def run(file: Path, config: Path | None) -> int:
    """Write every domain that was seen or looked up and whose age is known; the store may be in use.

    Args:
        file: is replaced once the new one is whole.
        config: the settings file.

    Raises:
        FirstsightError: the store can't be read, or the file not written.
    """
    settings = load(config)
    lens, dialect = compose.lens(settings), compose.dialect(settings)
    written = without_age = 0
    noted(settings, "exported", "domain-stats")
    with reading(settings.store_path) as reader, replaced(file) as out:
        out.write(b"[")
        for name, seen, answer in _known(reader, lens):
            item = _item(name, seen, answer, lens, dialect)
            if item is None:
                without_age += 1
                continue
            out.write((b",\n" if written else b"") + json.dumps(item).encode())
            written += 1
        out.write(b"]\n")
    print(f"{written:,} domains are in {file}; {without_age:,} whose age is not known have no place in such a file.")
    return 0


def _known(reader: Reader, lens: Lens) -> Iterator[tuple[Name, Seen, Answer[Registration] | None]]:
    after = ""
    while page := reader.known(_PAGE, after=after):
        after = page[-1][0]
        names = [(lens.parse(domain), seen) for domain, seen in page]
        answers = reader.answers(sorted({name.registered for name, _ in names if name.registered}))
        yield from ((name, seen, answers.get(name.registered)) for name, seen in names)


def _item(
    name: Name, seen: Seen, answer: Answer[Registration] | None, lens: Lens, dialect: Dialect
) -> dict[str, Any] | None:
    """A domain as the original exports it, and `seen_by_you`, which its import leaves alone; None without an age."""
    since = [time for time in (seen.first, seen.looked_up) if time is not None]
    freq = lens.randomness(name).freq
    if answer is None or not isinstance(answer.fact, Known) or freq is None or not since:
        return None
    record = dialect.record(freq, "", answer.fact, min(since))
    return {
        "freq_score": list(freq),
        "seen_by_isc": record["seen_by_isc"],
        "seen_by_web": record["seen_by_web"],
        "expires": answer.fact.value.expires,
        "domain": name.registrable,
        "seen_by_you": record["seen_by_you"],
    }
