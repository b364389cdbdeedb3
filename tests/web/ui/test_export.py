import csv
import io
import json

import pytest

from alert_samples import AT, make_alert
from firstsight.core.alerts import Alert
from firstsight.core.disguise import LEFT_OUT, Disguise
from firstsight.core.review import Review, State
from firstsight.ports.views import Listed
from firstsight.web.ui.export import Export, as_csv, as_json
from pages_fed import FORMULA, Fed


def export(*alerts: Alert, by: str = "person:alice", complete: bool = True) -> Export:
    rows = [Listed(n, alert, Review(State.CONFIRMED, "local", AT)) for n, alert in enumerate(alerts, 1)]
    return Export(rows, complete, "agent:WIN10", by, AT)


def cells(image: str = "curl") -> dict[str, str]:
    (line,) = csv.DictReader(io.StringIO(bytes(as_csv(export(make_alert(image=image))).body).decode()))
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
    reply = as_json(export(*alerts))

    document = json.loads(bytes(reply.body))
    assert document["export"] == {
        "made": "2026-11-24T02:33:31Z", "by": "person:alice", "filter": "agent:WIN10", "users": "names",
        "first": "2026-11-24T02:33:29Z", "last": "2026-11-24T02:33:29Z", "alerts": 2, "complete": True,
    }  # fmt: skip
    assert [alert["alert_id"] for alert in document["alerts"]] == ["alert-1", "alert-2"]
    assert json.loads(reply.headers["firstsight-export"]) == document["export"]
    name = "firstsight-alerts_20261124T023329Z_20261124T023329Z_2-alerts_names_by-person-alice.json"
    assert reply.headers["content-disposition"] == f'attachment; filename="{name}"'


def test_whose_names_it_holds() -> None:
    named, without = make_alert(), LEFT_OUT.alert(make_alert())
    other = Disguise(lambda _: "user-0123456789ab").alert(named)

    assert export(without).head["users"] == "no names"
    assert export(other, without).head["users"] == "pseudonyms"
    assert export(named, other).head["users"] == "names and pseudonyms"
    assert export().head == export(named).head | {"users": "no names", "first": None, "last": None, "alerts": 0}


def test_the_name_of_a_file_is_harmless_and_says_where_it_ends_early() -> None:
    reply = as_csv(export(by='token:"../x\r\n', complete=False))
    name = "firstsight-alerts_0-alerts_no-names_by-token--..-x--_incomplete.csv"
    assert reply.headers["content-disposition"] == f'attachment; filename="{name}"'


def test_what_endpoints_say_of_themselves(fed: Fed) -> None:
    reply = fed.service.get("/ui/alerts/export?format=csv&q=domain:orchard-lane.org")
    (line,) = csv.DictReader(io.StringIO(reply.body.decode()))
    assert line["agent"] == f"'{FORMULA}"
    assert (line["user"], line["image"]) == ("'@SUM(1)", "'-2+3")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
