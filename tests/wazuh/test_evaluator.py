"""The evaluator itself, by the facts that were seen on a real Wazuh 4.14.7."""

import json
from typing import Any

import pytest

from wazuh.decoder import Event, decode, flattened
from wazuh.evaluator import LoadError, Ruleset
from wazuh.patterns import NotCovered, compiled


def loaded(*files: str) -> Ruleset:
    ruleset = Ruleset()
    for text in files:
        ruleset.load(text)
    return ruleset


def rule(id_: str | int, level: int, *conditions: str, group: str = "", attributes: str = "") -> str:
    inner = "".join(conditions) + "<description>d</description>" + (f"<group>{group}</group>" if group else "")
    return f'<group name="all,"><rule id="{id_}" level="{level}" {attributes}>{inner}</rule></group>'


def field(pattern: str, name: str = "dt.flags", attributes: str = "") -> str:
    return f'<field name="{name}" {attributes}>{pattern}</field>'


def event(**fields: Any) -> Event:
    return decode(f"1:dt:{json.dumps({'integration': 'dt', 'dt': fields})}".encode())


def fired(ruleset: Ruleset, event: Event) -> int | None:
    found = ruleset.fired(event)
    return None if found is None else found.id


JSON = "<decoded_as>json</decoded_as>"
ROOT = rule(110000, 0, JSON, field("^dt$", "integration"))
CHILD = "<if_sid>110000</if_sid>"
FLAGGED = event(flags=["first_seen", "new"])

# Which sibling


def test_the_higher_level_is_tried_first_whatever_the_order() -> None:
    assert fired(loaded(ROOT, rule(110001, 5, CHILD), rule(110002, 7, CHILD)), FLAGGED) == 110002


def test_at_the_same_level_the_first_in_the_file_hides_the_second() -> None:
    assert fired(loaded(ROOT, rule(110001, 5, CHILD), rule(110002, 5, CHILD, field('"new"'))), FLAGGED) == 110001


def test_level_0_is_tried_before_all_and_ends_without_an_alert() -> None:
    ruleset = loaded(ROOT, rule(110001, 12, CHILD), rule(110002, 0, CHILD, field('"new"')))

    assert fired(ruleset, FLAGGED) is None
    assert [rule.id for rule in ruleset.path(FLAGGED)] == [110000, 110002]


def test_the_first_that_matches_keeps_the_event_though_none_of_its_children_match() -> None:
    ruleset = loaded(
        ROOT,
        rule(110001, 5, CHILD, field('"new"')),
        rule(110002, 9, "<if_sid>110001</if_sid>", field("never")),
        rule(110003, 3, CHILD),
    )

    assert fired(ruleset, FLAGGED) == 110001


def test_a_child_wins_over_its_parent_though_its_level_is_lower() -> None:
    assert fired(loaded(rule(1, 9, JSON), rule(2, 3, "<if_sid>1</if_sid>")), FLAGGED) == 2


def test_one_flag_of_two_makes_the_alert() -> None:
    """The original's fault: siblings of one level, and the alert says the lesser thing."""
    ruleset = loaded(ROOT, rule(110001, 5, CHILD, field("first_seen")), rule(110002, 5, CHILD, field("new")))

    assert fired(ruleset, FLAGGED) == 110001


def test_a_root_that_searches_text_overtakes_a_root_of_lower_level_but_not_one_of_level_0() -> None:
    text = rule(2501, 5, "<match>FAILED LOGIN |authentication failure</match>")
    told = event(flags=["new"], summary="Authentication Failure")
    below = "<if_sid>1</if_sid>"

    assert fired(loaded(text, rule(1, 3, JSON), rule(2, 12, below)), told) == 2501
    assert fired(loaded(text, rule(1, 5, JSON), rule(2, 12, below)), told) == 2501
    assert fired(loaded(text, rule(1, 0, JSON), rule(2, 12, below)), told) == 2


# Fields


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        (field('"first_seen"'), True),
        (field('"first"'), False),
        (field('"FIRST_SEEN"'), True),  # osregex: case doesn't matter
        (field("new"), True),  # unanchored
        (field("^new"), False),
        (field('^["first_seen", "new"]$'), True),  # the array's JSON, with blanks
        (field('"first_seen","new"'), False),
        (field(r'"first_seen"\.+"new"'), True),
        (field('"new"', "DT.Flags"), True),
        (field('"new"', "data.dt.flags"), False),
        (field("never|new"), True),
        (field('"first_seen"', attributes='type="pcre2"'), True),
        (field('"FIRST_SEEN"', attributes='type="pcre2"'), False),
        (field('(?i)"FIRST_SEEN"', attributes='type="pcre2"'), True),
        (field(r'^\["first_seen"', attributes='type="pcre2"'), True),
        (field('^["FIRST', attributes='type="osmatch"'), True),
        (field("never|new", attributes='type="osmatch"'), True),
        (field('"new"]$', attributes='type="osmatch"'), True),
        (field(r"\w+", attributes='type="osmatch"'), False),
        (field('"new"', attributes='negate="yes"'), False),
        (field('"old"', attributes='negate="yes"'), True),
        (field('"old"', "dt.missing"), False),
        (field('"old"', "dt.missing", 'negate="yes"'), False),  # a missing field never matches
        (field('"first_seen"') + field('"new"'), True),  # both must
        (field('"first_seen"') + field('"old"'), False),
        ("<decoded_as>syslog</decoded_as>", False),
        ("<location>^dt$</location>", True),
        ('<location negate="yes">^dt$</location>', False),
    ],
)
def test_conditions(condition: str, matches: bool) -> None:
    assert (fired(loaded(ROOT, rule(110001, 5, CHILD, condition)), FLAGGED) == 110001) is matches


@pytest.mark.parametrize(
    ("score", "matches"), [("0", True), ("29", True), ("6.5", True), ("30", False), ("123", False)]
)
def test_a_number_is_compared_by_a_pattern(score: str, matches: bool) -> None:
    below_30 = field(r"^(?:[0-2]?\d)(?:\.\d+)?$", "dt.score", 'type="pcre2"')

    assert (fired(loaded(rule(1, 3, JSON, below_30)), event(score=score)) == 1) is matches


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a.b", "axb", False),  # a dot is a dot
        (r"a\.b", "axb", True),
        (r"^\d+$", "2026", True),
        (r"^\d+$", "20x6", False),
        (r"^\w+$", "A-b_c@9", True),
        (r"^\w+$", "a b", False),
        (r"a\sb", "a b", True),
        (r"a\Sb", "a b", False),
        (r"^a\pb$", "a|b", True),
        ("a+", "aa", False),  # + only after a class
        ("a+", "a+", True),
        (r"\\x", r"c:\x", True),
        (r"a\$", "a$b", True),
    ],
)
def test_osregex(pattern: str, text: str, matches: bool) -> None:
    assert bool(compiled(pattern, "osregex").search(text)) is matches


@pytest.mark.parametrize("pattern", ["(a)", "a^b", r"a\q"])
def test_what_is_beyond_is_said(pattern: str) -> None:
    with pytest.raises(NotCovered):
        compiled(pattern, "osregex")


# Loading


def test_a_second_rule_with_an_id_is_skipped() -> None:
    ruleset = loaded(ROOT, rule(110001, 3, CHILD), rule(110001, 9, CHILD))

    assert ruleset.rules[110001].level == 3
    assert ruleset.warnings == ["7612: 110001 is there already, skipped"]


def test_a_parent_must_be_loaded_before() -> None:
    ruleset = loaded(rule(110001, 3, CHILD), ROOT)

    assert list(ruleset.rules) == [110000]
    assert ruleset.warnings == ["7617: 110001 has no parent, skipped"]


def test_a_group_is_a_piece_of_text_of_rules_loaded_before() -> None:
    files = (
        ROOT,
        rule(110001, 3, CHILD, field('"new"'), group="a_seen,"),
        rule(110002, 3, CHILD, group="a_seen_agent,"),
    )
    other = event(flags=["old"])

    assert fired(loaded(*files, rule(9, 3, "<if_group>a_seen</if_group>")), FLAGGED) == 9
    assert fired(loaded(*files, rule(9, 3, "<if_group>a_seen</if_group>")), other) == 9
    assert fired(loaded(*files, rule(9, 3, "<if_group>a_seen,</if_group>")), other) == 110002
    assert loaded(rule(9, 3, "<if_group>a_seen</if_group>"), *files).warnings == ["7610: 9 has no parent, skipped"]


def test_several_parents() -> None:
    parents = "<if_sid>110001, 110002</if_sid>"
    ruleset = loaded(
        ROOT, rule(110001, 5, CHILD, field('"new"')), rule(110002, 4, CHILD), rule(110003, 9, parents, field("e"))
    )

    assert fired(ruleset, FLAGGED) == 110003
    assert fired(ruleset, event(flags=["first_seen"])) == 110003
    assert fired(ruleset, event(flags=["x"])) == 110002


def test_an_overwritten_rule_keeps_parent_and_place() -> None:
    files = (ROOT, rule(110001, 5, CHILD), rule(110002, 9, CHILD, field('"old"')))
    again = rule(110001, 12, "<if_sid>1</if_sid>", attributes='overwrite="yes"')
    ruleset = loaded(*files, again)

    assert ruleset.rules[110001].level == 12
    assert ruleset.warnings == ["110001 can't get another parent"]
    assert fired(ruleset, FLAGGED) == 110001
    assert fired(ruleset, event(flags=["old"])) == 110002  # still tried first


def test_a_child_inherits_no_group() -> None:
    assert loaded(ROOT, rule(110001, 3, CHILD, group="dt_alert,")).rules[110001].group_list == ["all", "dt_alert"]
    with_group = f'<group name="dt,">{rule(1, 3, JSON)[18:-8]}</group>'
    assert loaded(with_group, rule(2, 3, "<if_sid>1</if_sid>")).rules[2].group_list == ["all"]


@pytest.mark.parametrize(
    "text",
    [
        rule(1, 3, JSON, field("x", "srcip")),
        rule(1, 3, JSON, field("x", "id")),
        rule(1, 3, JSON, field("(", attributes='type="pcre2"')),
        rule(1, 3, JSON, "<unheard_of>x</unheard_of>"),
        rule(1_000_000, 3, JSON),
        rule(1, 17, JSON),
        '<group name="all,"><rule id="1" level="3"><decoded_as>json</decoded_as></rule></group>',
        '<rule id="1" level="3"><description>d</description></rule>',
    ],
)
def test_what_keeps_analysisd_from_starting(text: str) -> None:
    with pytest.raises(LoadError):
        loaded(text)


# The decoder


def test_values_become_text() -> None:
    value = {
        "whole": 5,
        "large": 1785407472123,
        "part": 3.5,
        "yes": True,
        "nothing": None,
        "empty": "",
        "inner": {},
        "list": ["first_seen", "new"],
        "numbers": [1, 2],
        "Upper": {"Case": "kept"},
        "with.dot": "x",
        "looks": "[1,2]",
    }

    assert flattened(value) == {
        "whole": "5",
        "large": "1785407472123.000000",
        "part": "3.500000",
        "yes": "true",
        "nothing": "null",
        "list": '["first_seen", "new"]',
        "numbers": "[1, 2]",
        "upper.case": "kept",
        "with.dot": "x",
        "looks": "[1,2]",
    }


@pytest.mark.parametrize(
    ("datagram", "decoder", "location"),
    [
        (b'1:dt:{"a":"b"}', "json", "dt"),
        (b'1:dt:{"a":"b"}\n', "json", "dt"),
        (b'1:dt:{ "a":"b"}', "json", "dt"),
        (b'1:dt: {"a":"b"}', "", "dt"),
        (b"1:dt:{}", "", "dt"),
        (b'1:dt:{"a":', "", "dt"),
        (b'1:[001] (WIN10) 10.0.0.5->dt:{"a":"b"}', "json", "(WIN10) 10.0.0.5->dt"),
        (b'1:[001] (W) fe80|:|:1->dt:{"a":"b"}', "json", "(W) fe80::1->dt"),
        (b'1:[001] (W) fe80::1->dt:{"a":"b"}', "", "(W) fe80"),
        (b'1:a||b:{"a":"b"}', "json", "a|b"),
        (b'1:dt:{"integration":"ms-graph"}', "json-msgraph", "dt"),
        (b'1:dt:{"a":"' + b"x" * 65_600 + b'"}', "", "dt"),  # cut, without a word
    ],
)
def test_datagrams(datagram: bytes, decoder: str, location: str) -> None:
    decoded = decode(datagram)

    assert (decoded.decoder, decoded.location) == (decoder, location)
