"""`POST /v1/wazuh/alerts` over a running service."""

import gzip
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from firstsight.store.sqlite import SqliteStore
from running import Client, InThread, Reply, eventually, running
from wazuh_home import dns_alert, other_alert

NOW = time.time()  # noqa: TID251  # the service's clock is the machine's


def dns(name: str, record: int = 0, **more: Any) -> bytes:
    """An event of now."""
    return dns_alert(name, at=NOW, record=record, **more)


def hand_over(client: Client, body: bytes, query: str = "node=a", **headers: str) -> Reply:
    return client.get(f"/v1/wazuh/alerts?{query}", "POST", body, **headers)


def told(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200, reply.body
    document = reply.json()
    assert list(document) == ["read", "events", "skipped", "deliver", "pending", "cursor"]
    assert document["read"] == document["events"] + sum(document["skipped"].values())
    assert isinstance(document, dict)
    return document


def domains(document: dict[str, Any]) -> list[str]:
    return [
        json.loads(datagram.partition("firstsight:")[2])["firstsight"]["domain"] for datagram in document["deliver"]
    ]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[InThread]:
    """Nobody outside is asked, so that what deserves an alert alerts at once."""
    with running(tmp_path, learning={"days": 0}) as service:
        yield service


def totals(service: InThread) -> dict[str, int]:
    return service.do(service.parts.store.totals)


# -- lines -------------------------------------------------------------------------------------------------------------


def test_every_line_is_accounted_for_and_none_is_an_error(service: InThread) -> None:
    lines = [dns("harbour.com", 1), other_alert(), b"", b"no JSON", b'["a list"]', b"7", b"\xff\xfe", b"{", dns("a", 2)]
    document = told(hand_over(service, b"\n".join(lines)))
    assert (document["read"], document["events"]) == (len(lines), 2)
    assert document["skipped"] == {"not_dns": 3, "empty": 1, "bad_json": 3}
    account = service.do(lambda: service.parts.store.account("node:a"))
    assert (account["lines"], account["seen"], account["single_label"]) == (len(lines), 1, 1)
    assert account["skipped:bad_json"] == 3


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_one_alert(service: InThread, end: bytes) -> None:
    document = told(hand_over(service, dns("www.harbour.com", 1) + end, "node=worker-1.hq"))
    assert (document["read"], document["events"], document["skipped"], document["pending"]) == (1, 1, {}, 0)
    (datagram,) = document["deliver"]
    assert datagram.startswith('1:[001] (WIN10) 10.0.0.5->firstsight:{"integration":"firstsight","firstsight":{')
    fields = json.loads(datagram[datagram.index(":{") + 1 :])["firstsight"]
    assert (fields["domain"], fields["source"], fields["computer"]) == (
        "harbour.com",
        "node:worker-1.hq",
        "WIN10.corp.example",
    )
    (alert,) = service.get("/v1/alerts").json()["alerts"]
    assert alert["alert_id"] == fields["alert_id"]


def test_an_overlong_line_is_skipped(service: InThread) -> None:
    body = b"\n".join([dns("harbour.com", 1), b'{"x": "' + b"x" * (1 << 20) + b'"}', dns("garden.net", 2)])
    document = told(hand_over(service, body))
    assert (document["read"], document["events"], document["skipped"]) == (3, 2, {"overlong": 1})


def test_many_lines_in_one_call_are_taken_in_turns(service: InThread) -> None:
    names = [f"www.harbour-{number}.com" for number in range(1200)]
    document = told(hand_over(service, b"\n".join(dns(name, n) for n, name in enumerate(names, start=1))))
    assert (document["read"], document["events"]) == (1200, 1200)
    assert (len(document["deliver"]), document["pending"]) == (100, 1100)
    heard = []
    while document["deliver"]:
        heard += domains(document)
        document = told(hand_over(service, b"", f"node=a&cursor={document['cursor']}"))
    assert heard == [name.removeprefix("www.") for name in names]
    assert (document["pending"], document["cursor"]) == (0, "")


def test_what_is_answered_is_on_disk(service: InThread, tmp_path: Path) -> None:
    hand_over(service, dns("harbour.com", 1))
    with closing(sqlite3.connect(f"file:{tmp_path}/data/firstsight.db?mode=ro", uri=True)) as other:
        assert other.execute("SELECT name, count FROM domain").fetchall() == [("harbour.com", 1)]
        assert other.execute("SELECT sink FROM outbox").fetchall() == [("node:a",)]


def test_handed_over_again_it_counts_once_and_alerts_once(service: InThread) -> None:
    body = b"\n".join(dns(f"harbour-{number}.com", number) for number in range(1, 600))
    first = told(hand_over(service, body))
    again = told(hand_over(service, body))
    assert again["deliver"] == first["deliver"], "not acknowledged, so they come again"
    assert (totals(service)["seen"], totals(service)["duplicate"]) == (599, 599)
    assert totals(service)["alerts:low"] == 599


def test_one_history_for_all_nodes_of_a_cluster(service: InThread) -> None:
    hand_over(service, dns("harbour.com", 1, manager="m1", cluster={"name": "hq", "node": "n1"}))
    hand_over(service, dns("harbour.com", 2, manager="m2", cluster={"name": "hq", "node": "n2"}), "node=b")
    assert totals(service)["agents"] == 1
    assert service.get("/v1/domains/harbour.com").json()["seen"]["agents"] == 1


def test_each_node_learns_for_itself(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        assert told(hand_over(service, dns("harbour.com", 1)))["deliver"] == []
        hand_over(service, dns("garden.net", 2), "node=b")
        assert totals(service)["held:learning"] == 2
        store = service.parts.store
        assert service.do(lambda: [store.account(name)["lines"] for name in ("node:a", "node:b")]) == [1, 1]


# -- what can't be used ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["", "node=", "node=a%20b", "node=a%0A", "node=a%2Fb", f"node={'a' * 65}", f"node=a&cursor={'1' * 201}"]
)
def test_a_query_that_cannot_be_used(service: InThread, query: str) -> None:
    reply = hand_over(service, dns("harbour.com", 1), query)
    assert reply.status == 422
    assert reply.headers["content-type"] == "application/problem+json"
    assert "query." in reply.json()["detail"]
    assert totals(service).get("lines", 0) == 0


def test_a_compressed_body_is_refused_instead_of_counted_as_garbage(service: InThread) -> None:
    reply = hand_over(service, gzip.compress(dns("harbour.com", 1)), Content_Encoding="gzip")
    assert (reply.status, "Send the lines as they are" in reply.json()["detail"]) == (415, True)
    assert totals(service).get("lines", 0) == 0


def test_a_body_that_is_too_large_records_nothing(service: InThread) -> None:
    reply = hand_over(service, (dns("harbour.com", 1) + b"\n") * 2000)
    assert reply.status == 413
    assert totals(service).get("lines", 0) == 0


def test_while_the_store_cannot_be_written_nothing_is_taken(service: InThread) -> None:
    store = service.parts.store
    assert isinstance(store, SqliteStore)
    waiting = told(hand_over(service, dns("before.com", 1)))
    service.do(lambda: store.database.connection.execute("PRAGMA busy_timeout=20"))
    with closing(sqlite3.connect(store.database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # another program writes and does not end
        reply = hand_over(service, dns("during.com", 2))
        assert reply.status == 503
        assert "is held by another program" in reply.json()["detail"]
        assert told(hand_over(service, b""))["deliver"] == waiting["deliver"], "what is stored can be collected"
    document = told(hand_over(service, dns("during.com", 2)))
    assert domains(document) == ["before.com", "during.com"]
    assert (totals(service)["seen"], totals(service).get("duplicate", 0)) == (2, 0)


# -- collecting --------------------------------------------------------------------------------------------------------


def test_each_node_collects_its_own_until_it_has_acknowledged(service: InThread) -> None:
    of_a = told(hand_over(service, dns("harbour.com", 1)))
    of_b = told(hand_over(service, dns("garden.net", 2), "node=b"))
    assert (domains(of_a), domains(of_b)) == (["harbour.com"], ["garden.net"])
    assert told(hand_over(service, b"", f"node=a&cursor={of_b['cursor']}")) == of_a | {"read": 0, "events": 0}
    assert told(hand_over(service, b"", "node=a&cursor=1-no%20such%00thing"))["deliver"] == of_a["deliver"]
    done = told(hand_over(service, b"", f"node=a&cursor={of_a['cursor']}"))
    assert done == {"read": 0, "events": 0, "skipped": {}, "deliver": [], "pending": 0, "cursor": ""}
    assert told(hand_over(service, b"", "node=b"))["deliver"] == of_b["deliver"]
    assert told(hand_over(service, b"", "node=c"))["deliver"] == []


def test_what_nodes_have_not_collected_can_be_seen(service: InThread) -> None:
    hand_over(service, b"\n".join([dns("harbour.com", 1), dns("garden.net", 2)]), "node=gone")
    text = service.get("/metrics").body.decode()
    assert 'firstsight_node_outbox{node="gone"} 2.0' in text
    assert "firstsight_outbox 0.0" in text
    assert not any("Node gone" in sentence for sentence in service.get("/readyz").json()["degraded"])
    store = service.parts.store
    assert isinstance(store, SqliteStore)
    service.do(lambda: store.database.connection.execute("UPDATE alert SET at = at - 3600"))
    assert any(
        sentence.startswith("Node gone has not collected 2 of its alerts, the oldest for 60 minutes")
        for sentence in service.get("/readyz").json()["degraded"]
    )
    cursor = told(hand_over(service, b"", "node=gone"))["cursor"]
    hand_over(service, b"", f"node=gone&cursor={cursor}")
    assert eventually(lambda: "firstsight_node_outbox{" not in service.get("/metrics").body.decode())
