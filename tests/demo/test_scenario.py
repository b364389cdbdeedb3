import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

import aiohttp
import pytest

from firstsight import tables
from firstsight.core.names import Kind, Name, NameParser
from firstsight.core.popular import Popular, parse_own
from firstsight.core.suffixes import Suffixes
from firstsight.demo import company, story
from firstsight.demo.registry import RegistryPlayer
from firstsight.demo.scenario import DAY_EVENTS, MONTH_EVENTS, Scenario
from firstsight.demo.story import DAY

END = 1_795_500_000.0
SCENARIO = Scenario(END)
_FILES = resources.files("firstsight.data")
PARSER = NameParser(
    Suffixes.from_list(resources.files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8"))
)
POPULAR = Popular(
    "built-in", parse_own(_FILES.joinpath("popular.txt").read_text("utf-8").splitlines(), PARSER.parse).entries
)
LOOKS = tables.looks()

Alert = dict[str, Any]


@cache
def month() -> tuple[bytes, ...]:
    return tuple(SCENARIO.month())


@cache
def day() -> tuple[tuple[float, bytes], ...]:
    return tuple(SCENARIO.day())


def decoded(lines: tuple[bytes, ...]) -> Iterator[Alert]:
    return map(json.loads, lines)


def day_lines() -> tuple[bytes, ...]:
    return tuple(line for _, line in day())


def event(alert: Alert) -> dict[str, str]:
    data: dict[str, str] = alert["data"]["win"]["eventdata"]
    return data


def names(lines: tuple[bytes, ...], *, seen: bool = False) -> set[Name]:
    """Parsed names; only those that were answered or exist where `seen`."""
    events = map(event, decoded(lines))
    return {PARSER.parse(one["queryName"]) for one in events if not seen or one["queryStatus"] in ("0", "9701")}


def test_the_same_seed_gives_the_same_bytes_whatever_was_asked_first() -> None:
    again = Scenario(END)
    assert tuple(again.day()) == day()
    assert tuple(again.month()) == month()
    assert again.registrations == SCENARIO.registrations
    assert tuple(Scenario(END, seed=8).day()) != day()


def test_sizes() -> None:
    assert len(month()) == MONTH_EVENTS
    assert len(day()) == DAY_EVENTS
    assert 1_300 < sum(map(len, month())) / MONTH_EVENTS < 1_800
    assert len(company.HOSTS) == 25


def test_a_line_has_the_shape_of_wazuh() -> None:
    line = next(line for line in day_lines() if b"WINWORD" in line)
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    alert = json.loads(line)
    assert json.dumps(alert, separators=(",", ":"), ensure_ascii=False).encode() + b"\n" == line
    assert list(alert) == "timestamp rule agent manager id decoder location data".split()
    assert alert["agent"] == {"id": "002", "name": "LSI-FIN-02", "ip": "10.20.10.12"}
    system = alert["data"]["win"]["system"]
    assert (system["eventID"], system["channel"]) == ("22", "Microsoft-Windows-Sysmon/Operational")
    assert system["computer"] == "LSI-FIN-02.larkspur.lan"
    assert rf"Image: {company.WINWORD}" in system["message"]
    data = event(alert)
    assert data["image"] == company.WINWORD.replace("\\", "\\\\")
    assert data["user"] == r"LARKSPUR\\m.tarrant"
    assert data["queryResults"] == "::ffff:198.51.100.23;"
    assert all(isinstance(value, str) and value for value in (*system.values(), *data.values()))


def test_lines_come_in_order_and_within_their_time() -> None:
    written = [at for at, _ in day()]
    assert written == sorted(written)
    assert written[0] >= END - DAY
    assert written[-1] <= END
    stamps = [alert["timestamp"] for alert in decoded(month())]
    assert stamps == sorted(stamps)
    assert stamps[-1] < json.loads(day()[0][1])["timestamp"]


def test_alert_ids_are_unique() -> None:
    for lines in (month(), day_lines()):
        ids = [alert["id"] for alert in decoded(lines)]
        assert len(set(ids)) == len(ids)


def test_records_grow_per_agent_and_one_comes_twice() -> None:
    records: dict[str, list[int]] = {}
    for alert in decoded(month() + day_lines()):
        records.setdefault(alert["agent"]["name"], []).append(int(alert["data"]["win"]["system"]["eventRecordID"]))
    assert len(records) == 25
    seen = Counter((agent, record) for agent, of in records.items() for record in of)
    assert sorted(seen.values())[-2:] == [1, 2]
    for of in records.values():
        # By two roads events overtake one another, never by more than a few places.
        assert all(later - earlier > -100 for earlier, later in pairwise(of))
        assert of[-1] - of[0] > 2 * len(of)


def test_statuses_are_mixed_as_in_a_real_fleet() -> None:
    share = Counter(event(alert)["queryStatus"] for alert in decoded(month()))
    assert set(share) == {"0", "9701", "1460", "9003"}
    assert share["0"] > share["9701"] > share["1460"] > 0


def test_every_kind_of_name_is_asked_for() -> None:
    kinds = {name.kind for name in names(month())}
    assert kinds == {Kind.PUBLIC, Kind.INTERNAL, Kind.REVERSE, Kind.SINGLE_LABEL}
    assert Kind.UNKNOWN_SUFFIX in {name.kind for name in names(day_lines())}


def test_the_month_looks_harmless() -> None:
    public = {name for name in names(month()) if name.kind is Kind.PUBLIC}
    assert {name.registered for name in public} <= set(SCENARIO.registrations)
    assert not [name.fqdn for name in public if LOOKS.judge(name).strong]
    ages = [(END - SCENARIO.registrations[name.registered][0]) / DAY for name in public]
    assert min(ages) > 2 * 365
    platforms = {PARSER.parse(name) for _, asked in company.PLATFORMS for name in asked}
    assert not [name.fqdn for name in platforms if POPULAR.lookup(name) is None]


def test_all_of_it_is_known_before_the_usual_learning_ends() -> None:
    learnt: set[str] = set()
    for alert in decoded(month()):
        if alert["timestamp"] < "2026-11-06":  # 12.5 days after its first line
            learnt.add(PARSER.parse(event(alert)["queryName"]).registrable)
    assert {name.registrable for name in names(month())} == learnt


def test_the_day_brings_what_the_story_tells_and_nothing_else() -> None:
    known = {name.registrable for name in names(month())}
    news = {name for name in names(day_lines(), seen=True) if name.judged and name.registrable not in known}
    loud = {name.registrable for name in news if POPULAR.lookup(name) is None}
    tenants = {name.registrable for name in news if name.registered not in ("", name.registrable)}
    age = {
        domain: (END - SCENARIO.registrations[domain][0]) / DAY for domain in loud if domain in SCENARIO.registrations
    }
    young = {domain: int(days) for domain, days in age.items() if days < 30}
    assert sorted(young.values()) == [3, 6, 20]
    assert young[story.PHISH] == 3
    assert young[story.YOUNG] == 20
    generated = {name.registrable for name in news if LOOKS.judge(name).strong}
    assert len(generated) == 2
    assert loud - tenants == {*story.HONEST, *young, *generated, story.ALTERNATIVE}
    assert len(tenants & loud) > 5


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_the_infection_asks_for_sixty_names_that_lead_nowhere(seed: int) -> None:
    scenario = Scenario(END, seed)
    asked = [
        event(alert)
        for alert in decoded(tuple(line for _, line in scenario.day()))
        if "Roaming" in event(alert)["image"]
    ]
    parsed = [PARSER.parse(one["queryName"]) for one in asked]
    assert len(set(parsed)) == len(parsed) == 62
    assert Counter(one["queryStatus"] for one in asked) == {"9003": 60, "0": 2}
    low = sum(LOOKS.judge(name).strong for name in parsed)
    assert low >= 55
    live = [name.registered for one, name in zip(asked, parsed, strict=True) if one["queryStatus"] == "0"]
    assert [int((END - scenario.registrations[name][0]) / DAY) for name in live] == [6, 212]
    assert set(scenario.registrations) & {name.registered for name in parsed} == set(live)
    assert {name.registered.rpartition(".")[2] for name in parsed} <= set(scenario.tlds)


def test_one_clock_runs_ahead() -> None:
    ahead = Counter(
        alert["agent"]["name"]
        for alert in decoded(day_lines())
        if alert["timestamp"][:19] < event(alert)["utcTime"].replace(" ", "T")[:19]
    )
    assert set(ahead) == {"LSI-REC-02"}
    assert ahead["LSI-REC-02"] > 50


async def test_the_registry_answers_by_rdap() -> None:
    registered = {"known.com": (1_700_000_000.0, 1_830_000_000.0)}
    player = RegistryPlayer(registered, slowest=0.01)
    assert player.url == ""
    async with player, aiohttp.ClientSession() as client:
        assert player.url.startswith("http://127.0.0.1:")
        async with client.get(f"{player.url}domain/KNOWN.com") as answer:
            assert (answer.status, answer.content_type) == (200, "application/rdap+json")
            body = await answer.json(content_type=None)
        async with client.get(f"{player.url}domain/unknown.com") as answer:
            assert (answer.status, answer.content_type) == (404, "application/rdap+json")
            assert (await answer.json(content_type=None))["errorCode"] == 404
        assert player.asked == 2
    assert body["objectClassName"] == "domain"
    assert body["ldhName"] == "known.com"
    assert {one["eventAction"]: one["eventDate"] for one in body["events"]} == {
        "registration": "2023-11-14T22:13:20Z",
        "expiration": "2027-12-28T13:20:00Z",
    }
    assert player.url == ""
    await player.stop()
