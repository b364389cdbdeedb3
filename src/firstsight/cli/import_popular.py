"""`firstsight import popular FILE`."""

import gzip
import zlib
from pathlib import Path

from firstsight import compose, tables
from firstsight.cli.desk import noted
from firstsight.cli.files import replaced
from firstsight.core.errors import InputError
from firstsight.core.popular import parse_csv
from firstsight.settings import load

_MOST_BYTES = 256 * 1024 * 1024  # Tranco's million is 22 MB; what is larger is not a list of names


def run(file: Path, config: Path | None) -> int:
    """Check a list, then put it beside the store in one step: the old one stays until the new one is whole.

    Args:
        file: CSV, plain or gzip.
        config: the settings file.

    Raises:
        FirstsightError: the list can't be used; the old one stays.
    """
    settings = load(config)
    compose.prepare_folder(settings.data_dir)
    text = _read(file)
    parser = tables.name_parser(settings.names.internal)
    taken = parse_csv(text.splitlines(), parser.parse, top=settings.popular.top)
    target = settings.popular_path
    lines = [domain if rank is None else f"{rank},{domain}" for domain, rank in taken.entries.items()]
    with replaced(target) as out:
        out.write("\n".join([*lines, ""]).encode())
    noted(settings, "imported", "popular")
    print(f"{len(taken.entries):,} popular domains of {file} are in {target}; {taken.bad:,} lines could not be used.")
    return 0


def _read(file: Path) -> str:
    try:
        with file.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(file, "rb") if packed else file.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
        text = data.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InputError(f"The list {file} can't be read: {error}. The list in use stays as it is.") from error
    if len(data) > _MOST_BYTES:
        raise InputError(f"The list {file} is larger than {_MOST_BYTES:,} bytes. The list in use stays as it is.")
    return text
