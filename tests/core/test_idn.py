"""U-labels and A-labels: one domain whichever way it is written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstsight.core.idn import to_ascii, to_unicode


@pytest.mark.parametrize(
    ("name", "ascii_"),
    [
        ("bücher.de", "xn--bcher-kva.de"),
        ("BÜCHER.de", "xn--bcher-kva.de"),
        ("bu\u0308cher.de", "xn--bcher-kva.de"),  # u and a combining diaeresis
        ("bücher。de", "xn--bcher-kva.de"),  # an ideographic full stop
        ("ｅｘａｍｐｌｅ．ｃｏｍ", "example.com"),  # fullwidth letters and dot
        ("exa\u00admp\u200ble.com", "example.com"),  # a soft hyphen, a zero-width space: nothing
        ("\u212aelvin.com", "kelvin.com"),  # the Kelvin sign
        ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ("faß.de", "xn--fa-hia.de"),  # not fass.de: IDNA 2008, unlike IDNA 2003
        ("نامه\u200cای.com", "xn--mgba3gch31f060k.com"),  # a joiner where Persian needs it
        ("xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("_dmarc.bücher.de", "_dmarc.xn--bcher-kva.de"),
        ("*.bücher.de", "*.xn--bcher-kva.de"),
        # What IDNA 2008 refuses and the world uses.
        ("😀.ws", "xn--e28h.ws"),
        ("i❤.ws", "xn--i-7iq.ws"),
        ("i❤\ufe0f.ws", "xn--i-7iq.ws"),  # with the emoji variation selector, as keyboards send it
        ("☃.net", "xn--n3h.net"),
        ("\U0001fae8.ws", "xn--929h.ws"),  # assigned in Unicode 15, which Python 3.11 doesn't know
        ("_ü.de", "xn--_-eha.de"),
        ("-ü.de", "xn----eha.de"),
    ],
)
def test_to_ascii(name: str, ascii_: str) -> None:
    assert to_ascii(name) == ascii_


@pytest.mark.parametrize(
    "name",
    [
        "b\ue000.de",  # private use
        "b\u0378.de",  # assigned to nothing
        "b\u202e.de",  # right-to-left override
        "b\ud800.de",  # half a surrogate pair
        "a\u200db.de",  # a joiner where none belongs
        "„a“.de",  # punctuation
        "ü b.de",
        "ü/b.de",
        "xn--ü.de",
        "ü" * 64 + ".de",
    ],
)
def test_what_has_no_place_in_a_name(name: str) -> None:
    with pytest.raises(UnicodeError):
        to_ascii(name)


@pytest.mark.parametrize(
    ("label", "unicode"),
    [
        ("xn--bcher-kva", "bücher"),
        ("xn--fa-hia", "faß"),
        ("xn--i-7iq", "i❤"),
        ("xn--p1ai", "рф"),
        ("www", "www"),
        # Not the A-label of anything: shown as they are.
        ("xn--google-", "xn--google-"),
        ("xn--bcher-2pa", "xn--bcher-2pa"),  # bÜcher: an upper-case letter has no A-label
        ("xn--", "xn--"),
        ("xn--99999999", "xn--99999999"),
        ("xn--ü", "xn--ü"),
        ("xn--" + "a" * 5000, "xn--" + "a" * 5000),
    ],
)
def test_to_unicode(label: str, unicode: str) -> None:
    assert to_unicode(label) == unicode


@settings(deadline=None)
@given(st.text("xn-abcö0123456789éжд漢😀", max_size=20))
def test_both_ways(label: str) -> None:
    try:
        a_label = to_ascii(label)
    except UnicodeError:
        return
    assert a_label.isascii()
    assert to_ascii(to_unicode(a_label)) == a_label


@settings(deadline=None)
@given(st.one_of(st.text(), st.from_regex(r"\Axn--[a-z0-9-]{0,60}\Z")))
def test_reading_never_raises_and_never_makes_another_name(label: str) -> None:
    shown = to_unicode(label)
    assert shown == label or to_ascii(shown) == label
