"""Whatever happens on the way (crashes, failures, small memory), the store comes to the exact figures."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alert_samples import FakeClock
from dns_events import AT, DAY, make_agent, make_batch, make_event, names_of, parse_all
from firstsight.core.events import Batch, DnsEvent, Status
from firstsight.core.front import Fronts
from firstsight.ports import Changes, News
from firstsight.store.sqlite import SqliteStore
from store_model import Model, Trial

NAMES = [f"{host}{domain}" for domain in ("a.com", "b.com", "c.co.uk", "d.github.io") for host in ("", "www.", "x.y.")]
NAMES += ["e.com", "f.net", "g.onion", "nas.lan", "wpad", "co.uk", "a..b"]
FRONTS = [Fronts(), Fronts(1, 1, 1), Fronts(3, 2, 5), Fronts(6, 20, 4)]

whole_seconds = st.sampled_from([0, 1, 3600, DAY, 9 * DAY, 29 * DAY, 31 * DAY, -2 * DAY, -40 * DAY])


@st.composite
def scripts_of_batches(draw: st.DrawFn) -> list[Batch]:
    """Batches of a few names, agents and records, in times that jump ahead and sometimes back."""
    at = AT
    record = 100
    batches = []
    for number in range(draw(st.integers(1, 6))):
        events: list[DnsEvent] = []
        for _ in range(draw(st.integers(0, 10))):
            at += draw(whole_seconds)
            record += 1
            again = draw(st.sampled_from([0, 0, 0, 1, 7]))
            place = draw(st.sampled_from([0, record])) and record - again
            events.append(
                make_event(
                    draw(st.sampled_from(NAMES)),
                    at=at,
                    agent=make_agent(draw(st.integers(0, 3))),
                    status=draw(st.sampled_from([*Status, Status.ANSWERED])),
                    record=place,
                    written=float(place),  # of one log: the later record has the later time
                )
            )
        skipped = draw(st.sampled_from([{}, {"not_dns": 3}, {"empty": 1, "bad_json": 2}]))
        batches.append(make_batch(events, str(number + 1), source="s", **skipped))
    return batches


mishaps = st.lists(
    st.tuples(
        st.integers(0, 6),  # when: after so many batches
        st.sampled_from(["flush", "step", "step", "crash", "fail", "reopen", "contact"]),
        st.sampled_from(NAMES[:14]),
    ),
    max_size=12,
).map(lambda steps: sorted(steps, key=lambda step: step[0]))


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(scripts_of_batches(), mishaps, st.sampled_from(FRONTS))
def test_mishaps_change_nothing(batches: list[Batch], steps: list[tuple[int, str, str]], fronts: Fronts) -> None:
    model = Model()
    with tempfile.TemporaryDirectory(prefix="fs") as folder:
        trial = Trial(Path(folder), batches, fronts)
        done = 0
        for when, what, name in steps:
            while done < min(when, len(batches)):
                model.take(batches[done])
                done += 1
            trial.run_to(done)
            if what == "contact":
                model.contact(name, AT)
                trial.contact(name)
            else:
                getattr(trial, what)()
        for batch in batches[done:]:
            model.take(batch)
        trial.run_to(len(batches))
        assert trial.state() == model.state()
        trial.store.close()


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(scripts_of_batches())
def test_the_account_adds_up(batches: list[Batch]) -> None:
    """DESIGN: lines = skipped + events; events = duplicate + (by kind) + seen + nxdomain + failed."""
    with tempfile.TemporaryDirectory(prefix="fs") as folder:
        store = SqliteStore(Path(folder) / "store.db", FakeClock(AT))
        for batch in batches:
            store.take(batch, parse_all, lambda _, __: Changes())
        account = store.account("s")
        store.close()
    skipped = sum(n for what, n in account.items() if what.startswith("skipped:"))
    kinds = ("internal", "reverse", "single_label", "suffix", "address", "invalid")
    outcomes = sum(account.get(what, 0) for what in ("duplicate", "seen", "nxdomain", "failed", *kinds))
    assert account["lines"] == skipped + account["events"] == sum(batch.lines for batch in batches)
    assert account["events"] == outcomes


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(scripts_of_batches())
def test_what_an_agent_asks_in_vain_is_news_once(batches: list[Batch]) -> None:
    """Of domains that nobody has seen: each agent's first question, and the first that says it doesn't exist."""
    expected: list[tuple[str, str, float]] = []
    told: list[tuple[str, str, float]] = []
    seen: set[str] = set()
    missing: set[str] = set()
    asked: set[tuple[str, str]] = set()
    with tempfile.TemporaryDirectory(prefix="fs") as folder:
        store = SqliteStore(Path(folder) / "store.db", FakeClock(AT))
        for batch in batches:
            events = [make_event(e.name, at=e.time, agent=e.agent, status=e.status) for e in batch.events]
            bare = make_batch(events, batch.position, source="s")
            for event, name in zip(events, names_of(bare), strict=True):
                pair = (name.registrable, event.agent.name)
                if not name.judged:
                    continue
                if event.status in (Status.ANSWERED, Status.EXISTS):
                    seen.add(name.registrable)
                    continue
                new = pair not in asked or name.registrable not in missing
                if event.status is Status.NXDOMAIN:
                    if new and name.registrable not in seen:
                        expected.append((*pair, event.time))
                    missing.add(name.registrable)
                asked.add(pair)

            def decide(_: float, news: list[News]) -> Changes:
                told.extend((n.name.registrable, n.event.agent.name, n.event.time) for n in news if n.in_vain)
                return Changes()

            store.take(bare, parse_all, decide)
        store.close()
    assert told == expected


def test_a_batch_larger_than_memory_is_counted_exactly(tmp_path: Path) -> None:
    """What is kept at hand is a matter of speed, never of exactness."""
    store = SqliteStore(tmp_path / "store.db", FakeClock(AT), fronts=Fronts(4, 4, 4))
    events = [make_event(f"h{n % 3}.d{n % 40}.com", agent=make_agent(n % 5)) for n in range(400)]
    for turn in range(3):
        batch = make_batch(events, str(turn))
        store.take(batch, parse_all, lambda _, __: Changes())
        store.flush()
    seen = store.seen([f"d{n}.com" for n in range(40)])
    assert {(known.count, known.agents) for known in seen.values()} == {(30, 1)}
    assert len(seen) == 40
    store.close()


def test_looking_up_more_than_memory_holds(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db", FakeClock(AT), fronts=Fronts(2, 2, 2))
    batch = make_batch([make_event(f"d{n % 20}.com") for n in range(60)])
    contacts = store.contact(names_of(batch), AT)
    assert [contact.first for contact in contacts] == [True] * 20 + [False] * 40
    store.close()
