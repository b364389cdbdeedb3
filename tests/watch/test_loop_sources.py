"""Several sources at once: files as Wazuh writes them, through the whole pipeline."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dns_events import AT
from firstsight.sources.wazuh import WazuhSource
from pipeline import Pipeline
from wazuh_home import WazuhHome, dns_alert


class Roads(Pipeline):
    """A pipeline over alerts.json and archives.json of one manager."""

    def __init__(self, folder: Path) -> None:
        self.alerts, self.archives = WazuhHome(folder), WazuhHome(folder, archives=True)
        super().__init__(folder / "store.db")

    def _open(self) -> None:
        self.feeds = [
            WazuhSource(home.path.stem, home.path, "start", self.clock) for home in (self.alerts, self.archives)
        ]
        super()._open()

    def crash(self) -> None:
        for source in self.feeds:
            source.close()
        super().crash()

    def settle(self) -> list[str]:
        """Domains of the alerts that came, once everything is read and nobody waits any more."""
        heard = []
        for _ in range(10):  # a turn decides a thousand cases
            heard += [alert.verdict.domain for alert in self.after(2)]
        return heard

    def close(self) -> None:
        for source in self.feeds:
            source.close()
        super().close()
        self.alerts.close()
        self.archives.close()


@pytest.fixture
def roads(tmp_path: Path) -> Iterator[Roads]:
    with closing(Roads(tmp_path)) as roads:
        yield roads


def event(record: int, name: str) -> bytes:
    return dns_alert(name, at=AT + record / 10, record=record)


def test_a_long_backlog_holds_up_no_other_source(roads: Roads) -> None:
    roads.archives.write(*(event(record, f"d{record % 50}.com") for record in range(1, 20_001)))
    roads.watch.turn()
    roads.alerts.write(dns_alert("quiet-harbour.com", agent={"id": "002", "name": "WIN11"}, at=AT + 2000))
    for _ in range(3):
        roads.watch.turn()
    assert roads.archives.path.stat().st_size / 2 < roads.feeds[1].lag(), "the backlog is long"
    assert roads.store.seen(["quiet-harbour.com"])["quiet-harbour.com"].count == 1
    roads.clock.at += 5  # it waits for an age at most so long
    roads.watch.turn()
    assert "quiet-harbour.com" in [alert.verdict.domain for alert in roads.sink.take()]
    assert roads.feeds[1].lag() > 0


def test_an_event_by_both_roads_counts_once(roads: Roads) -> None:
    lines = [event(record, f"d{record % 50}.com") for record in range(1, 1001)]
    roads.archives.write(*lines)
    roads.alerts.write(*lines[::3])
    heard = roads.settle()
    assert Counter(heard) == Counter(f"d{number}.com" for number in range(50))
    assert sum(seen.count for seen in roads.store.seen([f"d{number}.com" for number in range(50)]).values()) == 1000
    assert roads.store.totals()["duplicate"] == len(lines[::3])
    assert roads.store.totals()["agents"] == 1, "the manager's name is the same by both roads"


def test_a_crash_and_a_rotation_in_between_change_nothing(roads: Roads) -> None:
    heard = []
    for part in range(4):
        lines = [event(record, f"d{record % 50}.com") for record in range(500 * part + 1, 500 * part + 501)]
        roads.alerts.write(*lines)
        roads.archives.write(*lines)
        heard += roads.settle()
        if part % 2 == 0:
            roads.store.flush()
        roads.crash()
        roads.alerts.switch_day()
        roads.archives.new_part()
        roads.archives.compress()
    heard += roads.settle()
    assert set(heard) == {f"d{number}.com" for number in range(50)}
    assert len(heard) == len({*heard}) == 50
    assert sum(seen.count for seen in roads.store.seen(sorted(set(heard))).values()) == 2000


def test_a_road_that_lags_beyond_the_window_counts_twice_but_raises_nothing_twice(roads: Roads) -> None:
    """More than 4,096 records of an agent: then an event can't be told from a new one any more."""
    lines = [event(record, f"d{record}.com") for record in range(1, 6001)]
    roads.alerts.write(*lines)
    first = roads.settle()
    assert len(first) == 6000
    roads.archives.write(*lines)
    assert roads.settle() == []
    assert roads.store.totals()["duplicate"] == 4097
    assert roads.store.seen(["d1.com"])["d1.com"].count == 2
    assert roads.store.seen(["d6000.com"])["d6000.com"].count == 1


def test_each_source_has_its_own_place_and_its_own_start(roads: Roads) -> None:
    roads.alerts.write(event(1, "a.com"))
    roads.settle()
    roads.archives.write(event(500, "b.com"))
    roads.settle()
    roads.store.flush()
    alerts, archives = roads.store.source("alerts"), roads.store.source("archives")
    assert alerts.position != archives.position
    assert alerts.started is not None
    assert archives.started is not None
    assert archives.started > alerts.started


def test_a_crash_at_once_does_not_forget_where_a_new_source_began(roads: Roads) -> None:
    roads.watch.turn()
    roads.alerts.write(event(1, "harbour-of-yesterday.com"))
    roads.alerts.switch_day()
    roads.alerts.write(event(2, "harbour-of-today.com"))
    roads.crash()
    assert roads.settle() == ["harbour-of-yesterday.com", "harbour-of-today.com"]
