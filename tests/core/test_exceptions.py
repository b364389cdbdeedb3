from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dns_events import AT, DAY, parse
from firstsight.core.exceptions import ExceptionRefusedError, ExceptionRule, ExceptionRules, make_exception
from firstsight.core.reasons import REASONS

BROWSER = r"C:\Program Files\Browser\browser.exe"
CLIENT = r"C:\Tools\Larkspur\client.exe"


def made(**given: Any) -> ExceptionRule:
    usual: dict[str, Any] = {"reason": "our own tool", "expires": "never"}
    return make_exception(parse, **(usual | given))


def matches(rule: ExceptionRule, name: str, agent: str = "LAB-01", image: str = CLIENT, now: float = AT) -> bool:
    return ExceptionRules([rule]).matching(parse(name), agent, image, now) == (rule,)


@pytest.mark.parametrize(
    ("domain", "name", "expected"),
    [
        ("kestrelvale.com", "kestrelvale.com", True),
        ("kestrelvale.com", "a.b.kestrelvale.com", True),
        ("KestrelVale.com.", "kestrelvale.com", True),
        ("kestrelvale.com", "notkestrelvale.com", False),
        ("kestrelvale.com", "kestrelvale.com.evil.net", False),
        ("www.kestrelvale.com", "www.kestrelvale.com", True),
        ("www.kestrelvale.com", "a.www.kestrelvale.com", True),
        ("www.kestrelvale.com", "kestrelvale.com", False),
        ("www.kestrelvale.com", "ftp.kestrelvale.com", False),
        ("*.kestrelvale.com", "www.kestrelvale.com", True),
        ("*.kestrelvale.com", "a.www.kestrelvale.com", True),
        ("*.kestrelvale.com", "kestrelvale.com", False),
        # what anybody can rent below a domain is not that domain's
        ("github.io", "github.io", True),
        ("github.io", "anyone.github.io", False),
        ("*.github.io", "anyone.github.io", True),
        ("bücher.de", "www.xn--bcher-kva.de", True),
        ("nobody.bit", "www.nobody.bit", True),
    ],
)
def test_what_a_domain_matches(domain: str, name: str, expected: bool) -> None:
    assert matches(made(domain=domain), name) is expected


@pytest.mark.parametrize(
    ("pattern", "image", "expected"),
    [
        ("client.exe", CLIENT, True),
        ("CLIENT.EXE", CLIENT, True),
        ("client", CLIENT, False),
        ("cli*", CLIENT, True),
        ("clien?.exe", CLIENT, True),
        (r"C:\Tools\*", CLIENT, True),
        ("c:/tools/larkspur/client.exe", CLIENT, True),
        (r"C:\Tools\*", BROWSER, False),
        ("Larkspur", CLIENT, False),
        ("curl", "/usr/bin/curl", True),
        ("/usr/bin/*", "/usr/bin/curl", True),
        ("tool[1].exe", r"C:\tool[1].exe", True),
        ("tool[1].exe", r"C:\tool1.exe", False),
        ("client.exe", "", False),
    ],
)
def test_what_a_process_matches(pattern: str, image: str, expected: bool) -> None:
    assert matches(made(process=pattern), "kestrelvale.com", image=image) is expected


@pytest.mark.parametrize(
    ("pattern", "agent", "expected"),
    [("LAB-01", "LAB-01", True), ("lab-01", "LAB-01", True), ("LAB-*", "LAB-01", True), ("LAB-*", "OLAB-1", False)],
)
def test_what_an_agent_matches(pattern: str, agent: str, expected: bool) -> None:
    assert matches(made(agent=pattern), "kestrelvale.com", agent) is expected


KEYS = {
    "domain": ("kestrelvale.com", "harbour.net"),
    "process": ("client.exe", "other.exe"),
    "agent": ("LAB-*", "PC-*"),
}


@given(st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in KEYS.items()}))
def test_all_that_is_given_must_match(given: dict[str, str]) -> None:
    if not given:
        return
    assert matches(made(**given), "www.kestrelvale.com") is all(given[key] == KEYS[key][0] for key in given)


LABELS = st.sampled_from(["a", "b", "kestrelvale", "com", "co", "uk", "github", "io"])
NAMES = st.lists(LABELS, min_size=2, max_size=5).map(".".join)


@given(st.lists(st.tuples(st.sampled_from(["", "*."]), NAMES), max_size=8), NAMES)
def test_many_match_as_each_alone(domains: list[tuple[str, str]], asked: str) -> None:
    rules = [ExceptionRule(domain=below + parse(name).fqdn) for below, name in domains if parse(name).judged]
    name = parse(asked)

    def alone(rule: ExceptionRule) -> bool:
        domain = rule.domain.removeprefix("*.")
        if rule.domain.startswith("*."):
            return name.fqdn.endswith(f".{domain}")
        return f".{name.fqdn}".endswith(f".{domain}") and parse(domain).registrable == name.registrable

    if name.judged:
        found = ExceptionRules(rules).matching(name, "", "", AT)
        assert sorted(rule.domain for rule in found) == sorted(rule.domain for rule in rules if alone(rule))


def test_it_ends_at_once() -> None:
    rule = made(domain="kestrelvale.com", expires="2026-11-30T12:00:00Z")
    assert rule.expires is not None
    assert matches(rule, "kestrelvale.com", now=rule.expires - 0.001)
    assert not matches(rule, "kestrelvale.com", now=rule.expires)
    assert rule.expired(rule.expires)


@pytest.mark.parametrize(
    ("text", "expires"),
    [
        ("never", None),
        ("Never", None),
        ("2026-11-24", 1_795_564_800.0),  # to the end of that day
        ("2026-11-24T06:00:01Z", AT + 1),
        ("2026-11-24T07:00:01+01:00", AT + 1),
        ("12h", AT + 12 * 3600),
        ("30d", AT + 30 * DAY),
        ("2w", AT + 14 * DAY),
    ],
)
def test_when_it_ends(text: str, expires: float | None) -> None:
    rule = made(domain="kestrelvale.com", expires=text, now=AT)
    assert (rule.expires, rule.made) == (expires, AT)


@pytest.mark.parametrize(
    ("given", "key", "sentence"),
    [
        ({}, "domain", "give at least one of them"),
        ({"domain": "com"}, "domain", "suffix"),
        ({"domain": "*.co.uk"}, "domain", "suffix"),
        ({"domain": "*"}, "domain", "anything"),
        ({"domain": "a*.kestrelvale.com"}, "domain", "only `*.` in front may stand for anything"),
        ({"domain": "*.*.kestrelvale.com"}, "domain", "anything"),
        ({"domain": "intranet"}, "domain", "internal"),
        ({"domain": "printer"}, "domain", "single label"),
        ({"domain": "10.0.0.1"}, "domain", "address"),
        ({"domain": "not a name"}, "domain", "invalid"),
        ({"agent": "*"}, "agent", "matches everything"),
        ({"process": r"*\*"}, "process", "matches everything"),
        ({"process": "a\nb"}, "process", "control character"),
        ({"agent": "a" * 1001}, "agent", "longer than 1000"),
        ({"agent": "LAB-*", "reason": " "}, "reason", "is missing"),
        ({"agent": "LAB-*", "scope": ["first_sene"]}, "scope", "names no reason: 'first_sene'"),
        ({"agent": "LAB-*", "expires": ""}, "expires", "is no time"),
        ({"agent": "LAB-*", "expires": "soon"}, "expires", "a date such as 2027-06-30"),
        ({"agent": "LAB-*", "expires": "30d"}, "expires", "is no time"),  # from when on?
        ({"agent": "LAB-*", "expires": "2026-11-24T07:00:00"}, "expires", "time zone"),
        ({"agent": "LAB-*", "expires": "9999-12-31"}, "expires", "is no time"),
        ({"agent": "LAB-*", "expires": "2026-11-23", "now": AT}, "expires", "past already"),
        ({"agent": "LAB-*", "process": "a.exe", "scope": ["nx_burst"]}, "scope", "names nx_burst, which is an agent's"),
    ],
)
def test_what_is_refused(given: dict[str, Any], key: str, sentence: str) -> None:
    with pytest.raises(ExceptionRefusedError) as caught:
        made(**given)
    assert caught.value.key == key
    assert sentence in str(caught.value)


def test_what_it_holds_back() -> None:
    everything, some = made(agent="LAB-*"), made(agent="LAB-*", scope=["random_name", "known_indicator"])
    assert [code for code in REASONS if not everything.holds(code)] == ["known_indicator"]
    assert {code for code in REASONS if some.holds(code)} == {"random_name", "known_indicator"}
    assert (everything.holds_sightings, some.holds_sightings) == (True, False)
    for of_a_domain_or_program in (made(domain="harbour.com"), made(agent="LAB-*", process="mshta.exe")):
        assert not of_a_domain_or_program.holds("nx_burst"), "it is of many domains, and of no known program"


def test_it_is_called_by_what_it_does_not_by_why() -> None:
    rule = made(agent="LAB-*", scope=["random_name", "first_seen"])
    assert rule.id == made(agent="lab-*", scope=["first_seen", "random_name"], reason="other", expires="2030-01-01").id
    assert len({rule.id, made(agent="LAB-*").id, made(process="LAB-*").id}) == 3


@pytest.mark.parametrize("pattern", ["*a" * 400 + "b", "?" * 900 + "x"])
def test_no_pattern_takes_long(pattern: str) -> None:
    """One that backtracked would not end while the machine stands."""
    assert not matches(made(agent=pattern), "kestrelvale.com", "a" * 1000)
