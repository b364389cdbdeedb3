import csv
import io
import json
from copy import copy
from functools import partial
from itertools import pairwise

import pytest

from alert_samples import AT, make_alert
from firstsight.core.alerts import Alert
from firstsight.core.disguise import LEFT_OUT, Disguise
from firstsight.core.document import Document
from firstsight.core.review import Review, State
from firstsight.ports.views import Listed, Packed
from firstsight.web.ui.export import CSV, JSON, Export, Form, file_name
from pages_fed import FORMULA, Fed


def packed(*alerts: Alert) -> list[Packed]:
    listed = [Listed(n, alert, Review(State.CONFIRMED, "local", AT)) for n, alert in enumerate(alerts, 1)]
    return [Packed(row.alert.asked.time, row.alert.asked.process, partial(copy, row)) for row in listed]


def head(*alerts: Alert, by: str = "person:alice", complete: bool = True) -> Document:
    return Export(packed(*alerts), complete, "agent:WIN10", by, AT).head()


def file(form: Form, *alerts: Alert) -> str:
    return b"".join(part for _, part in form.parts(head(*alerts), packed(*alerts))).decode()


def cells(image: str = "curl") -> dict[str, str]:
    (line,) = csv.DictReader(io.StringIO(file(CSV, make_alert(image=image))))
    return line


def test_a_line_an_alert() -> None:
    line = cells()
    assert line["time"] == "2026-11-24T02:33:29.250Z"
    assert (line["severity"], line["name"], line["reasons"]) == (
        "high",
        "www.xk7.example",
        "first_seen newly_registered",
    )
    assert (line["age_days"], line["agent"], line["user"]) == ("12", "WIN10", r"CORP\alice")
    assert (line["state"], line["reviewed_by"], line["alert_id"]) == ("confirmed", "local", "alert-1")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "|", "%"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert cells(image=f"{start}1+1")["image"] == f"'{start}1+1"


def test_quotes_and_lines_stay_in_their_cell() -> None:
    assert cells(image='a"b\r\nc,d\0')["image"] == 'a"b\r\nc,d\N{REPLACEMENT CHARACTER}'


def test_an_export_says_what_it_holds() -> None:
    alerts = [make_alert(number=1), make_alert(number=2)]
    document = json.loads(file(JSON, *alerts))
    assert document["export"] == {
        "made": "2026-11-24T02:33:31Z", "by": "person:alice", "filter": "agent:WIN10", "users": "names",
        "first": "2026-11-24T02:33:29Z", "last": "2026-11-24T02:33:29Z", "alerts": 2, "complete": True,
    }  # fmt: skip
    assert [alert["alert_id"] for alert in document["alerts"]] == ["alert-1", "alert-2"]
    name = "firstsight-alerts_20261124T023329Z_20261124T023329Z_2-alerts_names_by-person-alice.json"
    assert file_name(document["export"], JSON) == name


def test_whose_names_it_holds() -> None:
    named, without = make_alert(), LEFT_OUT.alert(make_alert())
    other = Disguise(lambda _: "user-0123456789ab").alert(named)

    assert head(without)["users"] == "no names"
    assert head(other, without)["users"] == "pseudonyms"
    assert head(named, other)["users"] == "names and pseudonyms"
    assert head() == head(named) | {"users": "no names", "first": None, "last": None, "alerts": 0}


def test_the_name_of_a_file_is_harmless_and_says_where_it_ends_early() -> None:
    name = "firstsight-alerts_0-alerts_no-names_by-token--..-x--_incomplete.csv"
    assert file_name(head(by='token:"../x\r\n', complete=False), CSV) == name


@pytest.mark.parametrize("number", [0, 1, 24, 25, 26, 60])
def test_a_file_is_the_same_in_however_many_parts_it_is_made(number: int) -> None:
    alerts = [make_alert(number=n) for n in range(number)]
    ids = [alert.id for alert in alerts]
    assert [alert["alert_id"] for alert in json.loads(file(JSON, *alerts))["alerts"]] == ids
    assert [line["alert_id"] for line in csv.DictReader(io.StringIO(file(CSV, *alerts)))] == ids


@pytest.mark.parametrize("form", [JSON, CSV])
def test_alerts_are_unpacked_when_their_part_is_made(form: Form) -> None:
    unpacked = 0

    def watched(row: Packed) -> Listed:
        nonlocal unpacked
        unpacked += 1
        return row.unpack()

    rows = packed(*(make_alert(number=n) for n in range(60)))
    watching = [Packed(row.time, row.process, partial(watched, row)) for row in rows]
    told = [(given, unpacked) for given, _ in form.parts(head(), watching)]
    assert told[0] == (0, 0)
    assert all(given == so_far for given, so_far in told)
    assert max(later - earlier for (earlier, _), (later, _) in pairwise(told)) < 30
    assert told[-1] == (60, 60)


def test_what_endpoints_say_of_themselves(fed: Fed) -> None:
    reply = fed.service.get("/ui/alerts/export?format=csv&q=domain:orchard-lane.org")
    (line,) = csv.DictReader(io.StringIO(reply.body.decode()))
    assert line["agent"] == f"'{FORMULA}"
    assert (line["user"], line["image"]) == ("'@SUM(1)", "'-2+3")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
