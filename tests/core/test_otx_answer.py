import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dns_events import AT
from firstsight.core.facts import Pulse, Unavailable
from firstsight.core.otx_answer import General, read_general
from servers.otx import DAY, document, pulse

BAD = Unavailable("bad_answer")
CORPUS = Path(os.environ.get("FIRSTSIGHT_CORPUS", Path(__file__).parents[2] / ".." / "shared" / "data")) / "otx"


def read(*pulses: dict[str, Any], **more: Any) -> General:
    found = read_general(json.dumps(document("evil.com", *pulses, **more)).encode())
    assert isinstance(found, General)
    return found


def test_a_pulse() -> None:
    found = read(
        pulse(
            id="59ef6121432b5d3e034fcd88",
            adversary="Larkfinch",
            malware_families=[{"id": "Keldra", "display_name": "Keldra loader", "target": None}],
            TLP="White",
        )
    )

    assert found == General(
        (
            Pulse(
                "59ef6121432b5d3e034fcd88", "Lures of a courier", "AlienVault", AT - 30 * DAY, AT - 30 * DAY,
                ("courier", "phishing"), "Larkfinch", ("Keldra loader",), ("T1566",), "white", 40,
            ),
        ),
        (),
    )  # fmt: skip


def test_nothing_is_known() -> None:
    assert read() == General((), ())


@pytest.mark.parametrize(
    ("field", "value", "attribute", "expected"),
    [
        ("author", {"username": "Somebody"}, "author", "Somebody"),
        ("author", None, "author", ""),
        ("name", "", "name", "59ef"),
        ("name", "two\nlines\x00\x9b", "name", "two lines"),
        ("name", "x" * 5000, "name", "x" * 200),
        ("modified", "2026-10-25T00:00:00Z", "modified", 1792886400.0),
        ("modified", "yesterday", "modified", None),
        ("modified", 5, "modified", None),
        ("tags", None, "tags", ()),
        ("tags", ["a", "a", "", 5, "b"], "tags", ("a", "b")),
        ("tags", [f"t{n}" for n in range(90)], "tags", tuple(f"t{n}" for n in range(20))),
        ("malware_families", ["Emotet"], "malware_families", ("Emotet",)),
        ("attack_ids", ["T1566"], "attack", ("T1566",)),
        ("attack_ids", [{"name": "no id"}, None], "attack", ()),
        ("adversary", None, "adversary", ""),
        ("indicator_count", None, "indicators", 40),
        ("indicator_count", True, "indicators", 40),
        ("indicator_count", -1, "indicators", 40),
    ],
)
def test_odd_fields(field: str, value: object, attribute: str, expected: object) -> None:
    (found,) = read(pulse() | {"id": "59ef", field: value}).pulses

    assert getattr(found, attribute) == expected


def test_a_pulse_that_counts_nothing_is_taken_for_what_it_says() -> None:
    (found,) = read(pulse(indicator_count=None, indicator_type_counts={})).pulses

    assert found.indicators is None


@pytest.mark.parametrize("number", [None, 5, "", "../../x", "<script>"])
def test_a_pulse_without_a_usable_id_is_none(number: object) -> None:
    """Its id becomes a link."""
    assert read(pulse(id=number), pulse(id="59ef")).pulses[0].id == "59ef"


@pytest.mark.parametrize(
    ("more", "validation"),
    [
        ({"validation": [{"source": "Whitelist"}, {"source": "majestic"}, {"source": "whitelist"}, 5, {}]},
         ("whitelist", "majestic")),
        ({"validation": None, "false_positive": None}, ()),
        ({"false_positive": [{"assessment": "accepted"}]}, ("false_positive",)),
        ({"False_positive": [{"assessment": "Accepted"}]}, ("false_positive",)),
        ({"false_positive": [{"assessment": "pending"}, "accepted"]}, ()),
    ],
)  # fmt: skip
def test_what_speaks_for_a_name(more: dict[str, Any], validation: tuple[str, ...]) -> None:
    assert read(**more).validation == validation


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{}", b"<html>", b'{"pulse_info": []}', b'{"pulse_info": {"pulses": null}}',
        b'{"data": [], "size": 5}', b'{"pulse_info": {"pulses": [', b"\xff\xfe", b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_such_section_is_no_answer(body: bytes) -> None:
    assert read_general(body) == BAD


def test_oddities_of_what_is_not_read_cost_nothing() -> None:
    body = b'{"whois": 1e999, "asn": "\xff", "pulse_info": {"count": 9, "pulses": []}}'

    assert read_general(body) in (General((), ()), BAD)


def test_an_answer_of_thousands_of_pulses_is_bounded() -> None:
    assert len(read(*(pulse(id=str(n)) for n in range(3000))).pulses) == 100


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(sorted(pulse())), json_values), json_values, json_values)
def test_nothing_breaks_it(changes: dict[str, Any], validation: object, other: object) -> None:
    found = read(pulse() | changes, other, validation=validation, false_positive=other)  # type: ignore[arg-type]

    assert all(entry.id and entry.name for entry in found.pulses)


@given(st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_body_breaks_it(body: bytes) -> None:
    assert isinstance(read_general(body), General | Unavailable)


def test_real_answers() -> None:
    if not CORPUS.is_dir():
        pytest.skip("no corpus")
    found = {file.name: read_general(file.read_bytes()) for file in sorted(CORPUS.glob("*.json"))}
    pulses = {name: len(answer.pulses) for name, answer in found.items() if isinstance(answer, General)}

    assert pulses == {
        "alertchain_ipv4_general_redacted_2023.json": 1,
        "cyberbro_domain_general_4pulses_2025.json": 4,
        "demisto_domain_general_empty_whitelisted.json": 0,
        "demisto_ipv4_general_1pulse.json": 1,
        "demisto_url_general_empty.json": 0,
        "tipbot_file_general_alienvault.json": 2,
    }
    assert all(answer == BAD for name, answer in found.items() if name not in pulses)
