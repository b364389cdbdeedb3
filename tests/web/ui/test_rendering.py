import pytest

from firstsight.web.ui.rendering import day, number, span, stamp, stamped, text, when
from pages_fed import BY_NOBODY

AT = 1_795_500_000.0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (47 * 3600, "47 h"),
        (172_800, "2 days"),
    ],
)
def test_spans(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_times() -> None:
    assert (
        str(when(AT - 60, AT)) == '<time datetime="2026-11-24T05:59:00Z" title="2026-11-24T05:59:00Z">1 min ago</time>'
    )
    assert ">in 1 h<" in str(when(AT + 3600, AT))
    assert str(when(None, AT)) == "–"
    assert day(AT // 86_400) == "24 Nov 2026"
    assert stamp(AT) == "24 Nov 06:00:00"
    assert 'title="2026-11-24T05:00:00Z, 1 h ago">24 Nov 05:00<' in str(stamped(AT - 3600, AT))


def test_numbers() -> None:
    assert (number(1, "agent"), number(2000, "agent")) == ("1 agent", "2,000 agents")


def test_templates_escape() -> None:
    page = text("amiss.html", BY_NOBODY | {"here": "", "title": "<i>", "sentence": "\"'<b>&"})
    assert "<bdi>&#34;&#39;&lt;b&gt;&amp;</bdi>" in page
    assert "<h1>&lt;i&gt;</h1>" in page
