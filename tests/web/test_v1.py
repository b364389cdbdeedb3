"""The native API over a running service: documents, refusals, readiness."""

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from firstsight import tables
from firstsight.core.namemodel import NameModel
from firstsight.store.sqlite import SqliteStore
from firstsight.web.domains import documents
from firstsight.web.v1 import native
from running import InThread, asking, eventually, running
from servers.registry import Answer, Registry, Slow
from wazuh_home import dns_alert, other_alert

YOUNG = "young-kestrel.com"
DOMAINS = [YOUNG, "larkspur-fasteners.com", "osterwick-optics.com", "tillerby-printing.com", "wexcombe-travel.com"]
PROBLEM = ["type", "title", "status", "detail"]


@dataclass
class Fed:
    """A service that has read a few events, and its registry."""

    service: InThread
    registry: Registry
    alerts: Path


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fed]:
    folder = tmp_path_factory.mktemp("v1")
    alerts = folder / "alerts.json"
    lines = [dns_alert(f"www.{domain}", record=number) for number, domain in enumerate(DOMAINS, start=1)]
    alerts.write_bytes(b"\n".join([*lines, other_alert(), b""]))
    with Registry() as registry:
        registry.default = Answer("1995-08-04T04:00:00Z", "2030-08-04T04:00:00Z")
        registry.domains[YOUNG] = Answer(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3 * 86400)))  # noqa: TID251
        keys = asking(registry.url) | {"learning": {"days": 0}, "sources": [{"path": alerts, "from": "start"}]}
        with running(folder, **keys) as service:
            eventually(lambda: len(service.get("/v1/alerts").json()["alerts"]) == len(DOMAINS))
            yield Fed(service, registry, alerts)


def test_a_verdict(fed: Fed) -> None:
    verdict = fed.service.get("/v1/domains/WWW.Larkspur-Fasteners.com.").json()
    alert_id = verdict["alert_id"]
    checked = verdict["registration"]["checked"]
    score, words, freq = (
        verdict["randomness"]["score"],
        verdict["randomness"]["words"]["score"],
        verdict["randomness"]["freq"],
    )
    age = verdict["registration"]["age_days"]

    assert verdict == {
        "name": "www.larkspur-fasteners.com",
        "kind": "public",
        "domain": "larkspur-fasteners.com",
        "registered_domain": "larkspur-fasteners.com",
        "severity": "none",
        "reasons": [],
        "missing": [],
        "seen": {
            "first": "2026-11-24T12:00:00Z",
            "last": "2026-11-24T12:00:00Z",
            "count": 1,
            "agents": 1,
            "looked_up": None,
        },
        "registration": {
            "state": "known",
            "reason": None,
            "registered": "1995-08-04T04:00:00Z",
            "expires": "2030-08-04T04:00:00Z",
            "source": "RDAP",
            "checked": checked,
            "age_days": age,
            "confidence": "high",
            "at_least": False,
        },
        "randomness": {
            "score": score,
            "threshold": 0.9,
            "weak": False,
            "words": {"score": words, "threshold": 0.5},
            "freq": freq,
        },
        "intel": {"state": "unavailable", "verdict": None, "pulses": []},
        "popularity": {"state": "absent", "list": None, "rank": None},
        "alert_id": alert_id,
        "follows": None,
    }
    assert list(verdict) == [
        "name", "kind", "domain", "registered_domain", "severity", "reasons", "missing", "seen", "registration",
        "randomness", "intel", "popularity", "alert_id", "follows",
    ]  # fmt: skip
    assert list(verdict["registration"]) == [
        "state", "reason", "registered", "expires", "source", "checked", "age_days", "confidence", "at_least",
    ]  # fmt: skip
    assert age > 11_000
    assert checked.endswith("Z")
    assert (score, words) == NameModel(tables.name_model()).scores("larkspur-fasteners")
    assert freq == list(tables.letter_pairs().scores("larkspur-fasteners.com"))
    assert fed.service.get(f"/v1/alerts/{alert_id}").status == 200


def test_a_young_domain_says_so(fed: Fed) -> None:
    verdict = fed.service.get(f"/v1/domains/{YOUNG}").json()
    (reason,) = verdict["reasons"]

    assert verdict["severity"] == "high"
    assert list(reason) == ["code", "severity", "text", "attack", "evidence"]
    assert (reason["code"], reason["severity"], reason["attack"]) == ("newly_registered", "high", ["T1583.001"])
    assert reason["evidence"]["age_days"] == 3


@pytest.mark.parametrize(
    ("name", "kind", "domain"),
    [
        ("printer.local", "internal", None),
        ("localhost", "internal", None),
        ("printer", "single_label", None),
        ("4.3.2.1.in-addr.arpa", "reverse", None),
        ("co.uk", "suffix", None),
        ("192.0.2.1", "address", None),
        ("::ffff:192.0.2.1", "address", None),
        ("a..b", "invalid", None),
        ("%00", "invalid", None),
        ("a.bazar", "unknown_suffix", "a.bazar"),
        ("github.io", "public", "github.io"),
    ],
)
def test_every_kind_of_name_has_a_document(fed: Fed, name: str, kind: str, domain: str | None) -> None:
    asked = len(fed.registry.asked)
    verdict = fed.service.get(f"/v1/domains/{name}").json()

    assert (verdict["kind"], verdict["domain"], verdict["alert_id"]) == (kind, domain, None)
    assert verdict["seen"]["count"] == 0
    assert len(fed.registry.asked) == asked  # none of these has a registry here


def test_a_thousand_names_in_order(fed: Fed) -> None:
    names = [f"host{number}.bulk{number}.com" for number in range(1000)]
    asked = len(fed.registry.asked)
    reply = fed.service.post("/v1/domains", {"names": names})
    verdicts = reply.json()["domains"]

    assert reply.status == 200
    assert list(reply.json()) == ["domains"]
    assert [verdict["name"] for verdict in verdicts] == names
    # asked for nothing, and recorded nothing
    assert {verdict["registration"]["reason"] for verdict in verdicts} == {"not_asked"}
    assert {tuple(verdict["missing"]) for verdict in verdicts} == {("registration",)}
    assert len(fed.registry.asked) == asked
    assert fed.service.do(lambda: fed.service.parts.store.seen([f"bulk{number}.com" for number in range(1000)])) == {}


def test_a_batch_leaves_others_their_turns(fed: Fed) -> None:
    parts = fed.service.parts

    def turns() -> tuple[int, list[str]]:
        left, names = 0, [parts.lens.parse(f"host{number}.long{number}.com") for number in range(1000)]
        making = documents(parts, names)
        while True:
            try:
                making.send(None)
            except StopIteration as made:
                return left, [document["name"] for document in made.value]
            left += 1

    left, told = fed.service.do(turns)
    assert left >= 10
    assert told == [f"host{number}.long{number}.com" for number in range(1000)]


def test_a_batch_tells_what_is_known_and_keeps_repeats(fed: Fed) -> None:
    names = [YOUNG, "a..b", YOUNG.upper(), "nobody-asked.com"]
    verdicts = fed.service.post("/v1/domains", {"names": names, "lookup": False}).json()["domains"]

    assert [verdict["kind"] for verdict in verdicts] == ["public", "invalid", "public", "public"]
    assert verdicts[0] == verdicts[2]
    assert verdicts[0]["registration"]["state"] == "known"
    assert verdicts[3]["registration"]["reason"] == "not_asked"


def test_a_batch_asks_where_it_is_told_to(fed: Fed) -> None:
    names = [f"www.asked{number}.net" for number in range(3)]
    verdicts = fed.service.post("/v1/domains", {"names": names, "lookup": True}).json()["domains"]

    assert {verdict["registration"]["reason"] for verdict in verdicts} == {"pending"}
    assert {tuple(verdict["missing"]) for verdict in verdicts} == {("registration",)}
    eventually(
        lambda: all(
            verdict["registration"]["state"] == "known"
            for verdict in fed.service.post("/v1/domains", {"names": names}).json()["domains"]
        )
    )
    assert [fed.registry.count(f"asked{number}.net") for number in range(3)] == [1, 1, 1]


def test_wait(fed: Fed) -> None:
    fed.registry.domains |= {"slow1.org": Slow(0.2), "slow2.org": Slow(0.2)}
    at_once = fed.service.get("/v1/domains/slow1.org").json()
    waited = fed.service.get("/v1/domains/slow2.org?wait=10").json()

    assert (at_once["registration"]["state"], at_once["registration"]["reason"]) == ("unavailable", "pending")
    assert at_once["missing"] == ["registration"]
    assert waited["registration"]["state"] == "known"
    # What was not waited for is asked in the background.
    eventually(lambda: fed.service.get("/v1/domains/slow1.org").json()["registration"]["state"] == "known")
    assert fed.registry.count("slow1.org") == 1


def test_looking_records_nothing(fed: Fed) -> None:
    fed.service.get("/v1/domains/only-looked.org?wait=1")

    assert fed.service.do(lambda: fed.service.parts.store.seen(["only-looked.org"])) == {}
    assert "YOUR-FIRST-CONTACT" in fed.service.get("/only-looked.org").json()["alerts"]


def pages(service: InThread, query: str) -> Iterator[dict[str, Any]]:
    after = 0
    while True:
        page = service.get(f"/v1/alerts?after={after}&{query}").json()
        assert list(page) == ["alerts", "next"]
        if not page["alerts"]:
            assert page["next"] == after
            return
        yield page
        after = page["next"]


def test_alerts_by_pages(fed: Fed) -> None:
    whole = fed.service.get("/v1/alerts").json()["alerts"]
    by_two = list(pages(fed.service, "limit=2"))

    assert [len(page["alerts"]) for page in by_two] == [2, 2, 1]
    assert [alert for page in by_two for alert in page["alerts"]] == whole
    assert {alert["verdict"]["domain"] for alert in whole} == set(DOMAINS)
    assert len({alert["alert_id"] for alert in whole}) == len(DOMAINS)


def test_alerts_filtered(fed: Fed) -> None:
    assert [alert["verdict"]["domain"] for page in pages(fed.service, "severity=high") for alert in page["alerts"]] == [
        YOUNG
    ]
    assert len(fed.service.get("/v1/alerts?severity=low").json()["alerts"]) == len(DOMAINS) - 1
    assert fed.service.get("/v1/alerts?severity=critical").json()["alerts"] == []
    assert len(fed.service.get("/v1/alerts?state=new").json()["alerts"]) == len(DOMAINS)
    assert fed.service.get("/v1/alerts?state=reviewed").json()["alerts"] == []


def test_an_alert(fed: Fed) -> None:
    (alert,) = fed.service.get("/v1/alerts?severity=high").json()["alerts"]

    assert list(alert) == [
        "alert_id", "time", "follows", "severity", "category", "summary", "event", "verdict",
        "state", "reviewed_by", "reviewed",
    ]  # fmt: skip
    assert fed.service.get(f"/v1/alerts/{alert['alert_id']}").json() == alert
    assert alert["category"] == "NEW"
    assert {reason["code"] for reason in alert["verdict"]["reasons"]} == {"first_seen", "newly_registered"}
    assert alert["event"]["agent"] == {"id": "001", "name": "WIN10", "ip": "10.0.0.5", "manager": "wazuh-1"}
    assert alert["event"]["process"]["image"] == r"C:\Program Files\Browser\browser.exe"
    assert alert["event"]["answers"] == ["edge.example.net", "192.0.2.40"]


def is_problem(reply: Any, status: int) -> bool:
    return (
        reply.status == status
        and reply.headers["content-type"] == "application/problem+json"
        and list(reply.json()) == PROBLEM
        and reply.json()["status"] == status
        and reply.json()["type"] == "about:blank"
    )


@pytest.mark.parametrize(
    "path", ["/v1/alerts/0123456789", "/v1/alerts/%00", "/v1/nothing", "/v1/", "/v1/domains/", "/v1/domains/a%2fb.com"]
)
def test_there_is_no_such_thing(fed: Fed, path: str) -> None:
    assert is_problem(fed.service.get(path), 404)


@pytest.mark.parametrize(("method", "path"), [("PUT", "/v1/alerts"), ("DELETE", "/v1/domains"), ("POST", "/healthz")])
def test_other_methods(fed: Fed, method: str, path: str) -> None:
    reply = fed.service.get(path, method)

    assert is_problem(reply, 405)
    assert reply.headers["allow"]


@pytest.mark.parametrize(
    "query",
    [
        "domains/a.com?wait=-1",
        "domains/a.com?wait=11",
        "domains/a.com?wait=nan",
        "domains/a.com?wait=inf",
        "domains/a.com?wait=soon",
        f"domains/{'a' * 4097}",
        "alerts?limit=0",
        "alerts?limit=1001",
        "alerts?limit=many",
        "alerts?after=-1",
        "alerts?after=99999999999999999999",
        "alerts?severity=none",
        "alerts?severity=HIGH",
        "alerts?state=unheard",
        f"alerts/{'a' * 65}",
    ],
)
def test_values_that_cannot_be_used(fed: Fed, query: str) -> None:
    reply = fed.service.get(f"/v1/{query}")

    assert is_problem(reply, 422)
    assert query.partition("?")[2].partition("=")[0] in reply.json()["detail"]


def test_healthz(fed: Fed) -> None:
    assert fed.service.get("/healthz").json() == {"status": "alive"}


def test_readyz_of_a_whole_service(fed: Fed) -> None:
    reply = fed.service.get("/readyz")

    assert reply.status == 200
    assert list(reply.json()) == ["status", "degraded", "reason"]
    assert (reply.json()["status"], reply.json()["reason"]) == ("ready", None)
    assert any("No way out is set" in sentence for sentence in reply.json()["degraded"])


def test_readyz_lists_what_is_missing_and_stays_200(tmp_path: Path) -> None:
    source, queue = tmp_path / "missing.json", tmp_path / "no-queue"
    with running(tmp_path, sources=[{"path": source}], wazuh={"queue": str(queue)}) as service:
        eventually(lambda: any(str(source) in sentence for sentence in service.get("/readyz").json()["degraded"]))
        reply = service.get("/readyz")
        assert (reply.status, reply.json()["status"]) == (200, "ready")

        source.write_bytes(dns_alert("kestrelvale.com") + b"\n")
        eventually(lambda: not any(str(source) in sentence for sentence in service.get("/readyz").json()["degraded"]))


def test_readyz_while_the_store_cannot_be_written(tmp_path: Path) -> None:
    alerts = tmp_path / "alerts.json"
    alerts.write_bytes(dns_alert("before-kestrel.com", record=1) + b"\n")
    with running(tmp_path, sources=[{"path": alerts, "from": "start"}]) as service:
        store = service.parts.store
        assert isinstance(store, SqliteStore)
        eventually(lambda: service.do(store.totals).get("seen") == 1)
        service.do(lambda: store.database.connection.execute("PRAGMA busy_timeout=20"))

        other = sqlite3.connect(store.database.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")  # another program writes and does not end
        with alerts.open("ab") as out:
            out.write(dns_alert("during-kestrel.com", record=2) + b"\n")
        reply = eventually(lambda: (reply := service.get("/readyz")).status == 503 and reply)
        assert reply
        assert reply.json()["status"] == "not_ready"
        assert "is held by another program" in reply.json()["reason"]
        assert service.get("/healthz").status == 200
        assert "firstsight_ready 0.0" in service.get("/metrics").body.decode()

        looked_up = service.get("/looked-up.com")
        assert is_problem(looked_up, 503)
        assert "is held by another program" in looked_up.json()["detail"]

        other.execute("ROLLBACK")
        other.close()
        eventually(lambda: service.get("/readyz").status == 200)
        eventually(lambda: service.do(store.totals).get("seen") == 2)  # nothing is lost, nothing counts twice
        assert "YOUR-FIRST-CONTACT" in service.get("/looked-up.com").json()["alerts"]


def test_alerts_are_marked_in_whoevers_name_asks(fed: Fed) -> None:
    ids = [alert["alert_id"] for alert in fed.service.get("/v1/alerts").json()["alerts"][:2]]
    reply = fed.service.post("/v1/alerts/state", {"ids": [*ids, ids[0], "none"], "state": "confirmed"})
    assert (reply.status, reply.json()) == (200, {"marked": 2})

    found = fed.service.get("/v1/alerts?state=confirmed").json()["alerts"]
    assert [(alert["alert_id"], alert["reviewed_by"]) for alert in found] == [(each, "local") for each in ids]
    trail = fed.service.get("/v1/audit?what=reviewed").json()["deeds"]
    assert [(deed["who"], deed["about"]) for deed in trail] == [("local", f"{each} confirmed") for each in ids]
    for wrong in ({"ids": ids, "state": "closed"}, {"ids": [], "state": "new"}, {"ids": ["x"] * 501, "state": "new"}):
        assert is_problem(fed.service.post("/v1/alerts/state", wrong), 422)
    fed.service.post("/v1/alerts/state", {"ids": ids, "state": "new"})


def test_the_description_holds_every_route(fed: Fed) -> None:
    document = fed.service.get("/openapi.json").json()
    routes = {path for route in native(fed.service.parts).routes if (path := getattr(route, "path", None))}

    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == routes - {"/docs", "/openapi.json"}
    for operations in document["paths"].values():
        for operation in operations.values():
            problems = {code: body for code, body in operation["responses"].items() if body["description"] in MEANINGS}
            assert {"400", "403"} <= set(problems)
            assert ("401" in problems) is bool(operation["security"])
            assert all(list(body["content"]) == ["application/problem+json"] for body in problems.values())


MEANINGS = {
    "the body, or what a proxy says of whom it asks for, can't be read",
    "no token and no session, or none that is valid",
    "a foreign Host, another site's page, a token or role without the scope, or no CSRF token",
    "a foreign Host, another site's page, or plain HTTP from who is no trusted proxy",
    "there is no such thing",
    "the body is too large",
    "the body is compressed",
    "the request can't be used as written",
    "the store can't be read or written now",
}


@pytest.mark.slow
def test_nothing_the_description_allows_breaks_it(fed: Fed) -> None:
    import schemathesis  # of the slow suite's group
    from hypothesis import given, settings
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    @schemathesis.serializer("application/x-ndjson")
    def lines(_: Any, value: Any) -> bytes:
        return str(value).encode("utf-8", "replace")

    schema = schemathesis.openapi.from_url(f"{fed.service.url}/openapi.json")
    schema.validate()

    def holds_for(operation: Any, excluded: Any) -> None:
        @given(case=operation.as_strategy())
        @settings(max_examples=100, deadline=None)
        def holds(case: Any) -> None:
            case.call_and_validate(excluded_checks=excluded)

        holds()

    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # an Err fails here, as it should
        # What an exception may match is more than a schema can say.
        holds_for(operation, [positive_data_acceptance] if "exceptions" in operation.path else [])
    assert fed.service.get("/healthz").status == 200
