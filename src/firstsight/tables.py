"""The tables shipped with firstsight or put beside its store: suffixes, looks of names, popular lists, RDAP servers."""

import mmap
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path

from publicsuffixlist import PSLFILE

from firstsight.core.daylist import DayList
from firstsight.core.errors import InputError
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.exceptions_file import parse_exceptions
from firstsight.core.letterpairs import LetterPairs, parse_freq_table, parse_letter_pairs
from firstsight.core.namemodel import ModelTable, NameModel, parse_model, parse_site
from firstsight.core.names import Name, NameParser
from firstsight.core.popular import Popular, parse_kept, parse_own
from firstsight.core.randomness import USUAL, Looks, Thresholds
from firstsight.core.suffixes import Suffixes

_DATA = files("firstsight.data")


def name_parser(internal: list[str]) -> NameParser:
    """The parser over the public suffix list of the `publicsuffixlist` package, with a site's internal suffixes.

    Raises:
        InputError: one of `internal` is not a DNS name.
    """
    return NameParser(Suffixes.from_list(Path(PSLFILE).read_text(encoding="utf-8")), internal)


def letter_pairs() -> LetterPairs:
    """The shipped letter-pair scorer."""
    return parse_letter_pairs((_DATA / "letter_pairs.json").read_bytes())


def imported_freq(path: Path) -> LetterPairs | None:
    """The table of Domain Stats that `firstsight import freq` has put beside the store; None where there is none.

    Raises:
        InputError: the file can't be used.
    """
    try:
        return parse_freq_table(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, InputError) as error:
        raise InputError(
            f"The frequency table {path} can't be used ({error}). Import it again; or remove it, and scores are by "
            f"firstsight's own table."
        ) from error


def name_model() -> ModelTable:
    """The shipped randomness model."""
    return parse_model((_DATA / "randomness.msgpack").read_bytes())


def lesson(path: Path, model: ModelTable) -> dict[int, float]:
    """What `firstsight train` has put beside the store; empty where there is nothing.

    Raises:
        InputError: the file can't be used.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(f"What this site has taught ({path}) can't be read: {error.strerror}.") from error
    return parse_site(raw, model)


def dynamic_dns() -> frozenset[str]:
    """Suffixes of dynamic DNS services, A-labels."""
    text = (_DATA / "dynamic_dns.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def looks(thresholds: Thresholds = USUAL, original: LetterPairs | None = None) -> Looks:
    """How names look, by the shipped tables; `original`: see `Looks`."""
    return Looks(NameModel(name_model()), letter_pairs(), dynamic_dns(), thresholds, original)


def built_in_popular(parse: Callable[[str], Name]) -> Popular:
    """The popular list that works from the first minute, offline."""
    text = (_DATA / "popular.txt").read_text(encoding="utf-8")
    return Popular("firstsight", parse_own(text.splitlines(), parse).entries)


def popular_file(path: Path, name: str, parse: Callable[[str], Name], top: int) -> Popular | None:
    """A list that was imported or fetched, and lies beside the store; None where there is none.

    Args:
        path: the file.
        name: how evidence calls the list.
        parse: tells what a name is.
        top: how much of it counts.

    Raises:
        InputError: the file can't be used.
    """
    if top == 0:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The popular list {path} can't be read ({error}). Remove it, or import it again with `firstsight import "
            f"popular`; one that was fetched is fetched anew."
        ) from error
    return Popular(name, parse_kept(text, parse, top=top).entries)


def popular_lists(files: Mapping[str, Path], parse: Callable[[str], Name], top: int) -> tuple[Popular, ...]:
    """The lists of popular domains, the most telling first; the shipped one is the last.

    Args:
        files: where those of the site may lie, by name, the most telling first.
        parse: tells what a name is.
        top: how much of each counts.

    Raises:
        InputError: one of them can't be used.
    """
    found = [popular_file(path, name, parse, top) for name, path in files.items()]
    return (*(listing for listing in found if listing is not None), built_in_popular(parse))


def exceptions_file(path: Path, parse: Callable[[str], Name]) -> tuple[ExceptionRule, ...]:
    """The exceptions that the site keeps in a file.

    Raises:
        InputError: it can't be used; each fault is told with its line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The exceptions file {path} can't be read ({error}). Put it there, or leave `[exceptions] file` out."
        ) from error
    return parse_exceptions(text, str(path), parse)


def rdap_servers(path: str) -> tuple[bytes, str]:
    """The bootstrap table: the operator's file, or the shipped one where `path` is empty. Its bytes, and its name.

    Raises:
        InputError: the operator's file can't be read.
    """
    if not path:
        return (_DATA / "rdap_bootstrap.json").read_bytes(), "the shipped RDAP bootstrap"
    try:
        return Path(path).read_bytes(), path
    except OSError as error:
        raise InputError(
            f"The RDAP bootstrap {path} can't be read ({error.strerror}). It is a file in the form of IANA's dns.json; "
            f"leave `registration.bootstrap` out to use the shipped one."
        ) from error


def day_list(path: Path) -> DayList | None:
    """A list that `firstsight import nrd|isc|known-since` has put beside the store, mapped; None where there is none.

    Raises:
        InputError: the file can't be used.
    """
    try:
        with path.open("rb") as file:
            return DayList(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, InputError) as error:
        raise InputError(
            f"The list {path} can't be used ({error}). Import its lists again; or remove it, and ages are told without."
        ) from error


def day_lists(paths: Mapping[str, Path]) -> dict[str, DayList]:
    """Those that are there, of all sources.

    Raises:
        InputError: one can't be used.
    """
    found = {source: day_list(path) for source, path in paths.items()}
    return {source: days for source, days in found.items() if days is not None}


def whois_servers() -> str:
    """The shipped table of WHOIS servers."""
    return (_DATA / "whois_servers.txt").read_text(encoding="utf-8")
