import pytest

from dns_events import parse
from firstsight.core.errors import InputError
from firstsight.core.exceptions_file import parse_exceptions

GOOD = """# exceptions of Larkspur Instruments

[[exception]]
domain = "*.kestrelvale.com"
reason = "our own tool"
expires = 2027-06-30

[[ exception ]]   # the lab
agent = "LAB-*"
process = 'C:\\Tools\\*'
scope = ["random_name"]
reason = "measuring"
author = "m.tarrant"
expires = "never"
"""


def test_a_file_is_read_with_its_lines() -> None:
    first, second = parse_exceptions(GOOD, "exceptions.toml", parse)

    assert (first.domain, first.scope, first.reason, first.author, first.line) == (
        "*.kestrelvale.com", (), "our own tool", "", 3,
    )  # fmt: skip
    assert first.expires == 1_814_400_000.0  # the end of 2027-06-30
    assert (second.agent, second.process, second.scope) == ("LAB-*", "C:\\Tools\\*", ("random_name",))
    assert (second.author, second.expires, second.line, second.made) == ("m.tarrant", None, 8, None)


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_file(text: str) -> None:
    assert parse_exceptions(text, "exceptions.toml", parse) == ()


NEEDED = '\nreason = "r"\nexpires = "never"\n'


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        (f'[[exception]]\n\ndomain = "co.uk"{NEEDED}', 3, "can't be used: 'co.uk'"),
        (f'{GOOD}\n[[exception]]\nagent = "*"{NEEDED}', 17, "matches everything"),
        (f'[[exception]]\nagent = "A"\ndomian = "a.com"{NEEDED}', 3, "`domian` is unknown"),
        ('[[exception]]\nagent = "A"\nreason = "r"\n', 1, "`expires` is needed"),
        ('[[exception]]\nagent = "A"\nexpires = "never"\n', 1, "`reason` is needed"),
        ('[[exception]]\nagent = "A"\nreason = "r"\nexpires = 2027\n', 4, "`expires` must be a text"),
        ('[[exception]]\nagent = "A"\nreason = "r"\nexpires = 2027-06-30T12:00:00\n', 4, "no time zone"),
        (f'[[exception]]\nagent = "A"\nscope = "first_seen"{NEEDED}', 3, "must be a list"),
        (f'[[exception]]\nagent = "A"\nscope = ["first"]{NEEDED}', 3, "names no reason: 'first'"),
        (f'[[exception]]\nagent = "A"{NEEDED}[[exception]]\nagent = "a"{NEEDED}', 5, "the one on line 1 does"),
        (f'[[exception]]\nagent = "A"{NEEDED}[[exceptions]]\nagent = "B"{NEEDED}', 5, "`exceptions` does not belong"),
        (f'[exception]\nagent = "A"{NEEDED}', None, "write each exception as a [[exception]] table"),
        ('exception = [{agent = "A", reason = "r", expires = "never"}]', None, "keys on lines of their own"),
        ('[[exception]]\nagent = "A\n', None, "line 2"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(text: str, line: int | None, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_exceptions(text, "exceptions.toml", parse)
    (told,) = str(caught.value).splitlines()
    assert told.startswith("exceptions.toml: " if line is None else f"exceptions.toml, line {line}: ")
    assert sentence in told


def test_all_faults_are_told() -> None:
    with pytest.raises(InputError) as caught:
        parse_exceptions(f'[[exception]]\ndomain = "com"{NEEDED}[[exception]]\nagent = "*"{NEEDED}', "e.toml", parse)
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["e.toml, line 2", "e.toml, line 6"]
