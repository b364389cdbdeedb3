"""Where people's names are not kept, none is in any row, alert, datagram, export or log line, whatever events hold."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alert_samples import FakeClock
from dns_events import AT, make_batch, make_event
from firstsight import compose
from firstsight.core.events import Detail, DnsEvent, Process
from firstsight.core.wazuh_event import datagram
from firstsight.sources.wazuh import read_line
from firstsight.web.ui.export import CSV, JSON, Export, file_name
from people_in_evidence import names, names_somebody, processes
from running import settings as usual
from wazuh_home import dns_alert

QUERIES = ("harbour-lights.com", "xkqzvbtrwpljhf.net", "kestrelvale.org", "login.wrenfield.com")


@st.composite
def stories(draw: st.DrawFn) -> tuple[str, list[Process]]:
    """Somebody, and the programs with which they ask."""
    name = draw(names)
    return name, [draw(processes(name)) for _ in QUERIES]


def told_of(event: DnsEvent, process: Process) -> DnsEvent:
    import msgspec

    return msgspec.structs.replace(event, detail=lambda: Detail(process, ("192.0.2.7",)))


def left_behind(folder: Path, users: str, events: list[DnsEvent]) -> Iterator[str]:
    """All that a service leaves behind of events: files, datagrams and exports."""
    alerts = folder / "alerts.jsonl"
    keys = {"privacy": {"users": users}, "alerts": {"file": str(alerts)}, "learning": {"days": 0}}
    service = compose.service(usual(folder, **keys), FakeClock(AT))
    try:
        service.watch.ingest([make_batch(events)])
        while service.watch.turn():
            pass
        service.store.flush()
        page = service.views.alerts([], now=AT, before=None, limit=99)
        assert page.rows, "something alerted"
        for row in page.rows:
            yield datagram(row.alert).decode()
        rows, complete = service.views.packed([], now=AT, most=99)
        head = Export(rows, complete, q="", by="local", at=AT).head()
        for form in (CSV, JSON):
            yield file_name(head, form)
            yield b"".join(part for _, part in form.parts(head, rows)).decode()
        assert alerts.stat().st_size > 0
    finally:
        service.store.close()
    for file in folder.rglob("*"):
        if file.is_file():
            yield file.read_bytes().decode("utf-8", "replace")


@pytest.mark.parametrize("users", ["pseudonym", "leave_out"])
@settings(max_examples=15, deadline=None)
@given(stories())
def test_nobody_is_named(users: str, story: tuple[str, list[Process]]) -> None:
    name, programs = story
    events = [told_of(make_event(query), process) for query, process in zip(QUERIES, programs, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        for text in left_behind(Path(folder), users, events):
            assert not names_somebody(text, name)


@pytest.mark.parametrize("users", ["keep", "pseudonym", "leave_out"])
def test_as_wazuh_writes_it(tmp_path: Path, users: str, capfd: pytest.CaptureFixture[str]) -> None:
    data = {"image": r"C:\\Users\\Quillfeather\\AppData\\Local\\Temp\\x.exe", "user": r"CORP\\quillfeather"}
    event = read_line(dns_alert("xkqzvbtrwpljhf.net", eventdata=data), AT)
    assert isinstance(event, DnsEvent)

    texts = list(left_behind(tmp_path, users, [event]))

    assert any(names_somebody(text, "quillfeather") for text in texts) is (users == "keep")
    assert any("CORP\\\\user-" in text for text in texts) is (users == "pseudonym")
    assert not names_somebody("".join(capfd.readouterr()), "quillfeather")
