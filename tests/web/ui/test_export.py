import csv
import io

import pytest

from alert_samples import AT, make_alert
from firstsight.core.review import Review, State
from firstsight.ports.views import Listed
from firstsight.web.ui.export import as_csv
from pages_fed import FORMULA, Fed


def cells(image: str = "curl") -> dict[str, str]:
    row = Listed(1, make_alert(image=image), Review(State.CONFIRMED, "local", AT))
    (line,) = csv.DictReader(io.StringIO(bytes(as_csv([row]).body).decode()))
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


def test_what_endpoints_say_of_themselves(fed: Fed) -> None:
    reply = fed.service.get("/ui/alerts/export?format=csv&q=domain:orchard-lane.org")
    (line,) = csv.DictReader(io.StringIO(reply.body.decode()))
    assert line["agent"] == f"'{FORMULA}"
    assert (line["user"], line["image"]) == ("'@SUM(1)", "'-2+3")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
