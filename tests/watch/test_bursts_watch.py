"""An agent asks for many names that don't exist: one alert for the agent, and quiet after it."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dns_events import AT, DAY, WIN10, WIN11, make_event
from firstsight.core.alerts import Alert
from firstsight.core.bursts import BurstRule
from firstsight.core.events import Agent, DnsEvent, Status
from firstsight.core.verdict import Severity
from pipeline import Pipeline, codes, told

HOUR = 3600.0
RANDOM = tuple(f"xkqzvwjqpv{letter}n.com" for letter in "bcdfghjklmpqrst")
WORDS = tuple(f"{word}market.net" for word in "amber birch cedar delta ember flint grove heron iris jade kelp".split())


def in_vain(
    *names: str,
    agent: Agent = WIN10,
    at: float = AT,
    step: float = 30,
    status: Status = Status.NXDOMAIN,
) -> list[DnsEvent]:
    """An agent's questions for names that don't exist, one after the other."""
    return [make_event(name, agent=agent, at=at + n * step, status=status) for n, name in enumerate(names)]


def bursts(alerts: list[Alert]) -> list[Alert]:
    return [alert for alert in alerts if "nx_burst" in codes(alert)]


def held(pipe: Pipeline) -> dict[str, int]:
    return {what[5:]: n for what, n in pipe.store.totals().items() if what.startswith("held:")}


def test_ten_names_of_words_are_one_alert(pipe: Pipeline) -> None:
    assert pipe.see(*in_vain(*WORDS[:9])) == []
    (alert,) = pipe.see(*in_vain(WORDS[9], at=AT + 300))
    (reason,) = alert.verdict.reasons
    assert (reason.code, alert.verdict.severity, alert.verdict.name) == ("nx_burst", Severity.MEDIUM, WORDS[9])
    assert reason.evidence == {
        "names": 10,
        "minutes": 6,
        "since": "2026-11-24T06:00:00Z",
        "domains": list(WORDS[:10]),
    }
    assert reason.text.startswith(
        "WIN10 asked for 10 domains within 6 min that don't exist and that it had not asked for before: "
        "ambermarket.net, birchmarket.net, cedarmarket.net, deltamarket.net, embermarket.net and 5 more."
    )
    assert alert.summary == (
        "jademarket.net: one of 10 domains within 6 min that don't exist; asked by WIN10 (browser.exe, CORP\\alice)"
    )
    assert pipe.see(*in_vain(*WORDS[10:], at=AT + 400)) == [], "told once"
    assert held(pipe) == {}, "nothing that would have alerted was held back"


def test_random_names_after_the_burst_are_folded_into_it(pipe: Pipeline) -> None:
    alerts = pipe.see(*in_vain(*RANDOM))
    assert told(alerts) == [
        *((name, {"random_name"}) for name in RANDOM[:9]),
        (RANDOM[9], {"nx_burst", "random_name"}),
    ]
    assert alerts[-1].verdict.severity is Severity.HIGH
    assert held(pipe) == {"nx_burst": 5}
    (live,) = pipe.see(make_event(RANDOM[12], at=AT + 600)) or pipe.after(5)
    assert codes(live) >= {"random_name", "first_seen"}, "a name that resolves may be the master"
    assert told(pipe.see(*in_vain("qzxkvwjqpvbn.com", agent=WIN11, at=AT + 700))) == [
        ("qzxkvwjqpvbn.com", {"random_name"})
    ]


def test_two_agents_that_ask_for_the_same_names_are_told_each(pipe: Pipeline) -> None:
    """Though all of them are known by then, and the same domain makes both bursts full."""
    alerts = pipe.see(*in_vain(*WORDS), *in_vain(*WORDS, agent=WIN11, at=AT + 1000))
    assert [(alert.verdict.domain, alert.asked.agent) for alert in alerts] == [(WORDS[9], WIN10), (WORDS[9], WIN11)]
    assert len({alert.id for alert in alerts}) == 2


def test_it_is_told_again_after_a_day_and_ten_more(pipe: Pipeline) -> None:
    later = [f"{n}.{name}" for n, name in enumerate(WORDS)]
    assert len(pipe.see(*in_vain(*WORDS))) == 1
    again = [name.replace("market", "harvest") for name in WORDS]
    assert pipe.see(*in_vain(*again, at=AT + 23 * HOUR)) == []
    more = [name.replace("market", "lantern") for name in WORDS]
    assert pipe.see(*in_vain(*later, *WORDS, at=AT + 25 * HOUR)) == [], "names that it asked for before"
    (alert,) = pipe.see(*in_vain(*more, at=AT + 26 * HOUR))
    assert codes(alert) == {"nx_burst"}


@pytest.mark.parametrize("status", [Status.FAILED, Status.EXISTS, Status.ANSWERED])
def test_only_names_that_do_not_exist_count(pipe: Pipeline, status: Status) -> None:
    pipe.see(*in_vain(*WORDS, status=status))
    assert bursts(pipe.after(5)) == []


def test_a_name_that_failed_first_counts_once_it_does_not_exist(pipe: Pipeline) -> None:
    pipe.see(*in_vain(*WORDS, status=Status.FAILED))
    assert len(bursts(pipe.see(*in_vain(*WORDS, at=AT + 600)))) == 1


def test_a_domain_that_was_seen_exists(pipe: Pipeline) -> None:
    pipe.see(*in_vain(*WORDS, status=Status.EXISTS))
    pipe.after(5)
    assert pipe.see(*in_vain(*WORDS, agent=WIN11, at=AT + 600)) == []


@pytest.mark.parametrize(
    "names",
    [
        pytest.param([f"host{n}.google.com" for n in range(12)], id="popular"),
        pytest.param([f"host{n}.corp.lan" for n in range(12)], id="internal"),
        pytest.param([f"qwhzk{n}" for n in range(12)], id="single labels"),
        pytest.param([f"host{n}.kelvormist" for n in range(12)], id="a suffix of the site"),
        pytest.param([f"files01.customer{n}.com" for n in range(12)], id="a label under many suffixes"),
        pytest.param([f"files01.{suffix}" for suffix in "com net org de fr nl be at ch it es".split()], id="suffixes"),
        pytest.param([f"host{n}.kelvormist.com" for n in range(12)], id="one domain"),
    ],
)
def test_what_the_site_itself_gives_rise_to_does_not_count(pipe: Pipeline, names: list[str]) -> None:
    assert bursts(pipe.see(*in_vain(*names))) == []


def test_learning_does_not_hold_it_back(tmp_path: Path) -> None:
    pipe = Pipeline(tmp_path / "store.db", learning_days=14)
    assert len(pipe.see(*in_vain(*WORDS))) == 1
    pipe.close()


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    pipe = Pipeline(tmp_path / "store.db", burst=BurstRule(window=0.0))
    assert bursts(pipe.see(*in_vain(*RANDOM))) == []
    assert held(pipe) == {}
    pipe.close()


def test_the_tenth_agent_gets_one_alert_not_two(pipe: Pipeline) -> None:
    """Its question makes its own burst full, and would be told as the tenth agent's for a domain that has alerted."""
    others = [Agent("wazuh-1", f"PC{n}", str(n)) for n in range(1, 10)]
    pipe.see(*(event for agent in others for event in in_vain(RANDOM[0], agent=agent)))
    (alert,) = pipe.see(*in_vain(*WORDS[:9], RANDOM[0], at=AT + 600))
    assert codes(alert) == {"nx_burst", "random_name"}
    assert alert.follows is None
    assert alert.verdict.seen.agents == 10


# -- the same whatever happens on the way -------------------------------------------------------------------


def story() -> list[DnsEvent]:
    """Two agents that share some names, and one of them the day after; in order of time, each event with its record."""
    events = [
        *in_vain(*RANDOM[:6], agent=WIN11, at=AT + 5, step=35),
        *in_vain(*WORDS[:4], *RANDOM[3:], *WORDS[4:], step=20),
        *in_vain(*WORDS, *RANDOM[6:], agent=WIN11, at=AT + 200, step=25),
        *in_vain(*(f"{n}.kelvor{n}.com" for n in range(14)), agent=WIN11, at=AT + DAY + 900),
    ]
    events.sort(key=lambda event: event.time)
    return [
        make_event(event.name, at=event.time, agent=event.agent, status=event.status, record=number)
        for number, event in enumerate(events, 1)
    ]


STORY = story()


def play(folder: Path, cuts: list[int], mishaps: dict[int, str]) -> tuple[list[tuple[str, frozenset[str]]], int]:
    """Read the story in batches; before some of them the process is killed, or counts are flushed.

    Returns:
        Ids and reasons of the alerts as they came, each once; and how many were held back.
    """
    pipe = Pipeline(folder / "store.db")
    alerts: dict[str, frozenset[str]] = {}
    bounds = [0, *sorted(set(cuts)), len(STORY)]
    for number, (start, end) in enumerate(pairwise(bounds)):
        match mishaps.get(number):
            case "crash":
                pipe.crash()
            case "flush":
                pipe.store.flush()
            case "restart":
                pipe.store.flush()
                pipe.crash()
        for alert in pipe.see(*STORY[start:end]):
            assert alerts.setdefault(alert.id, frozenset(codes(alert))) == codes(alert)
    stored = [alert.id for _, alert in pipe.store.alerts(after=0, limit=1000)]
    assert stored == list(alerts), "nothing twice"
    held_back = held(pipe)["nx_burst"]
    pipe.close()
    return list(alerts.items()), held_back


def test_batches_and_mishaps_change_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    whole = play(tmp_path_factory.mktemp("whole"), [], {})
    found = [reasons for _, reasons in whole[0] if "nx_burst" in reasons]
    assert len(found) == 3, "one each, and one of the day after"
    assert whole[1] > 0

    @settings(max_examples=20, deadline=None)
    @given(
        st.lists(st.integers(1, len(STORY) - 1), max_size=8),
        st.dictionaries(st.integers(0, 8), st.sampled_from(["crash", "flush", "restart"]), max_size=5),
    )
    def same(cuts: list[int], mishaps: dict[int, str]) -> None:
        assert play(tmp_path_factory.mktemp("part"), cuts, mishaps) == whole

    same()
