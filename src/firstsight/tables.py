"""The tables shipped with firstsight or put beside its store: suffixes, letter pairs, popular lists, RDAP servers."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from publicsuffixlist import PSLFILE

from firstsight.core.errors import InputError
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.exceptions_file import parse_exceptions
from firstsight.core.letterpairs import LetterPairs, parse_letter_pairs
from firstsight.core.names import Name, NameParser
from firstsight.core.popular import Popular, parse_csv, parse_own
from firstsight.core.suffixes import Suffixes

_DATA = files("firstsight.data")


def name_parser(internal: list[str]) -> NameParser:
    """The parser over the public suffix list of the `publicsuffixlist` package, with a site's internal suffixes.

    Raises:
        InputError: one of `internal` is not a DNS name.
    """
    return NameParser(Suffixes.from_list(Path(PSLFILE).read_text(encoding="utf-8")), internal)


def letter_pairs() -> tuple[LetterPairs, tuple[float, float]]:
    """The shipped letter-pair scorer and its (average, word) thresholds."""
    return parse_letter_pairs((_DATA / "letter_pairs.json").read_bytes())


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
    return Popular(name, parse_csv(text.splitlines(), parse, top=top).entries)


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
