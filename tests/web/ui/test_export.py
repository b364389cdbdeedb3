import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from starlette.responses import Response, StreamingResponse

from alert_samples import AT, make_alert
from firstsight.core.review import Review, State
from firstsight.ports.views import Listed
from firstsight.web.ui.export import as_csv, as_json
from pages_fed import FORMULA, Fed


def cells(image: str = "curl") -> dict[str, str]:
    (line,) = csv.DictReader(io.StringIO(whole(as_csv, [[listed(image=image)]]).decode()))
    return line


def listed(number: int = 1, image: str = "curl") -> Listed:
    return Listed(number, make_alert(number=number, image=image), Review(State.CONFIRMED, "local", AT))


def whole(form: Callable[[AsyncIterator[Sequence[Listed]]], Response], pages: Sequence[Sequence[Listed]]) -> bytes:
    """A file that is made of these pages."""

    async def handed_over() -> AsyncIterator[Sequence[Listed]]:
        for page in pages:
            yield page

    async def read() -> bytes:
        reply = form(handed_over())
        assert isinstance(reply, StreamingResponse)
        return b"".join([part async for part in reply.body_iterator if isinstance(part, bytes)])

    return asyncio.run(read())


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


@pytest.mark.parametrize("pages", [[[]], [[listed(1)], [], [listed(2), listed(3)]], [[], [listed(1)], []]])
def test_pages_become_one_file(pages: list[list[Listed]]) -> None:
    wanted = [row.alert.id for page in pages for row in page]
    assert [alert["alert_id"] for alert in json.loads(whole(as_json, pages))] == wanted
    lines = list(csv.DictReader(io.StringIO(whole(as_csv, pages).decode())))
    assert [line["alert_id"] for line in lines] == wanted


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
