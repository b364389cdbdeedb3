"""The public suffix list: under which suffix anybody may register a name (https://publicsuffix.org/list/)."""

from collections.abc import Iterable

from firstsight.core.errors import InputError
from firstsight.core.idn import to_ascii

_BEGIN_ICANN = "// ===BEGIN ICANN DOMAINS==="
_END_ICANN = "// ===END ICANN DOMAINS==="

_ONE_MORE = "*"  # the suffix is one label longer than the entry: a wildcard rule


class Suffixes:
    """Public suffixes of names, by the whole list and by its ICANN section alone.

    The rules are worked out once: `_table` holds, for every name that a rule speaks of, the public suffix and the
    ICANN suffix of the names ending in it. The longest entry that a name ends in decides both: a lookup is one walk.
    """

    def __init__(self, icann: Iterable[str], private: Iterable[str] = ()) -> None:
        """Take rules (`com`, `*.ck`, `!www.ck`), in U-labels or A-labels, any case."""
        icann_rules = frozenset(map(_rule, icann))
        rules = icann_rules.union(map(_rule, private))
        entries = {rule.removeprefix("!").removeprefix("*.") for rule in rules}
        self._table = {entry: (_suffix(entry, rules), _suffix(entry, icann_rules)) for entry in entries}

    @classmethod
    def from_list(cls, text: str) -> "Suffixes":
        """Read the list in its published form; what stands outside the ICANN section is private.

        Raises:
            InputError: there is no ICANN section, so this is not (all of) the list.
        """
        icann: list[str] = []
        private: list[str] = []
        section = private
        for line in text.splitlines():
            if line.startswith("//"):
                marker = line.rstrip()
                section = icann if marker == _BEGIN_ICANN else private if marker == _END_ICANN else section
            elif words := line.split():
                section.append(words[0])  # the format: a rule ends at the first blank
        if not icann:
            raise InputError(
                "The public suffix list holds no ICANN rules, so no domain could be told from its suffix. "
                "Use the file https://publicsuffix.org/list/public_suffix_list.dat as it is published."
            )
        return cls(icann, private)

    def lookup(self, name: str) -> tuple[str | None, str | None]:
        """The public suffix (private section included) and the ICANN suffix of a name; None where there is none.

        A suffix asked bare is its own suffix, and so is a name that only wildcard rules hang under (`ck`).

        Args:
            name: lower-case A-labels, none empty, no trailing dot.
        """
        table = self._table
        start = before = 0
        while (found := table.get(name[start:])) is None:
            before, start = start, name.find(".", start) + 1
            if not start:
                return None, None
        if _ONE_MORE not in found:
            return found
        suffix, icann = found
        more = name[before:]  # the entry itself where there is no label before it
        return more if suffix == _ONE_MORE else suffix, more if icann == _ONE_MORE else icann


def _rule(text: str) -> str:
    """A rule in lower-case A-labels. Raises InputError where it can't be one."""
    try:
        return text.lower() if text.isascii() else to_ascii(text)
    except UnicodeError as error:
        raise InputError(f"The public suffix list holds {text!r}, which is no DNS name: {error}.") from error


def _suffix(entry: str, rules: frozenset[str]) -> str | None:
    """The suffix of the names ending in `entry` where no rule speaks of a longer ending, or `_ONE_MORE`.

    The order (exception, wildcard, exact) is the list's: an exception's suffix is one label shorter than the rule.
    """
    longer = ""
    while entry:
        if f"!{entry}" in rules:
            return entry.partition(".")[2]
        if f"*.{entry}" in rules:
            return longer or _ONE_MORE
        if entry in rules:
            return entry
        longer, entry = entry, entry.partition(".")[2]
    return None
