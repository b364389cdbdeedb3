"""Internationalised labels: the ASCII form that DNS knows (A-label), and the form people read (U-label).

UTS #46, non-transitional (`faß.de` is not `fass.de`), as browsers do it. IDNA 2008 alone would lose names that
registries sell and browsers open: emoji, symbols.
"""

import unicodedata

import idna

_PREFIX = "xn--"
_LONGEST_LABEL = 63  # RFC 1035 2.3.4; an A-label is longer than its U-label has characters
_ASCII = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")
# Letters, marks, digits, symbols. Cn (unassigned) is what Python's Unicode tables don't know yet: idna's are newer
# and have refused what nobody has assigned.
_CATEGORIES = ("L", "M", "N", "S", "Cn")


def to_ascii(name: str) -> str:
    """A name with every label as A-label, lower case. Labels that are ASCII already are only lower-cased.

    Ideographic and fullwidth dots separate labels too. ASCII characters are not judged here, nor are empty labels.

    Raises:
        UnicodeError: a character or a label that has no place in a DNS name.
    """
    mapped = idna.uts46_remap(name, std3_rules=False)  # std3 would refuse `_`
    return ".".join([label if label.isascii() else _a_label(label) for label in mapped.split(".")])


def to_unicode(label: str) -> str:
    """The U-label of one lower-case A-label, for display; any other label as it is. Never raises.

    An A-label that would not come back from its own U-label is left alone: `xn--google-` must not read `google`.
    """
    if not label.startswith(_PREFIX) or len(label) > _LONGEST_LABEL:
        return label
    try:
        decoded = label.removeprefix(_PREFIX).encode("ascii").decode("punycode")
        return decoded if to_ascii(decoded) == label else label
    except UnicodeError:
        return label


def _a_label(label: str) -> str:
    """The A-label of a label mapped by UTS #46 that isn't ASCII."""
    if len(label) > _LONGEST_LABEL:  # before the encoder, whose time grows with the square of the length
        raise UnicodeError("label too long")
    try:
        return idna.alabel(label).decode("ascii")
    except idna.IDNAError:
        if label.startswith(_PREFIX) or not all(map(_in_use, label)):
            raise
    return _PREFIX + label.encode("punycode").decode("ascii")


def _in_use(character: str) -> bool:
    """Whether registries and browsers let it through although IDNA 2008 doesn't. Punctuation and blanks they don't."""
    if character.isascii():
        return character in _ASCII
    return unicodedata.category(character).startswith(_CATEGORIES)
