import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.alertfilter import KEYS, Term, parse_filter
from firstsight.core.errors import InputError


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("  ", ()),
        ("agent:WIN10", (Term("agent", ("win10",)),)),
        ('agent:"Reception 2"', (Term("agent", ("reception 2",)),)),
        ("agent:BÜRO-1", (Term("agent", ("bÜro-1",)),)),
        ("process:BÜRO.exe", (Term("process", ("büro.exe",)),)),
        ("example.com", (Term("domain", ("example.com",)),)),
        ("Example.COM.", (Term("domain", ("example.com",)),)),
        ("-domain:example.com", (Term("domain", ("example.com",), exclude=True),)),
        ("-example.com", (Term("domain", ("example.com",), exclude=True),)),
        ("severity:high,critical,high", (Term("severity", ("high", "critical")),)),
        ("reason:random_name -process:chrome*", (
            Term("reason", ("random_name",)), Term("process", ("chrome*",), exclude=True),
        )),
        ("age:<30d", (Term("age", (), seconds=30 * 86_400),)),
        ("-first:>12h", (Term("first", (), exclude=True, seconds=12 * 3600, younger=False),)),
        ("time:<2w", (Term("time", (), seconds=14 * 86_400),)),
        ("state:false_alarm", (Term("state", ("false_alarm",)),)),
    ],
)  # fmt: skip
def test_what_is_meant(text: str, terms: tuple[Term, ...]) -> None:
    assert parse_filter(text) == terms


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("colour:red", "The filter knows no 'colour'. Before a colon stands one of: agent, domain"),
        ("severity:urgent", "There is no severity 'urgent'. It is one of: low, medium, high, critical."),
        ("reason:new", "There is no reason 'new'. It is one of: first_seen"),
        ("state:open", "There is no state 'open'. It is one of: new, reviewed"),
        ("age:30", "age:30 is no span. Write age:<30d"),
        ("age:<30y", "age:<30y is no span."),
        ('agent:"WIN', "The filter can't be read from"),
        ("agent:,", "agent: needs a value after the colon"),
        ('agent:""', "agent: needs a value after the colon"),
        ("a " * 21, "The filter has 21 words. 20 at most can be used at once."),
    ],
)
def test_what_cant_be_meant(text: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_filter(text)
    assert sentence in str(caught.value)


@given(st.text(max_size=80) | st.lists(st.sampled_from([*KEYS, ":", "<", "-", '"', " ", ",", "30d", "*"])).map("".join))
def test_anything_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        terms = parse_filter(text)
    except InputError as error:
        assert str(error).endswith(".")  # noqa: PT017  # either way is right
    else:
        assert all(term.key in KEYS and (term.values or term.seconds >= 0) for term in terms)
