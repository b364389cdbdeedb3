"""The list of alerts: picked, opened, marked."""

from urllib.parse import urlencode

import pytest

from pages_fed import Fed
from running import Reply


def mark(fed: Fed, **form: object) -> Reply:
    body = urlencode({key.rstrip("_"): value for key, value in form.items()}, doseq=True).encode()
    return fed.service.get("/ui/alerts/state", "POST", body, Content_Type="application/x-www-form-urlencoded")


def ids(fed: Fed) -> dict[str, str]:
    """By domain."""
    alerts = fed.service.get("/v1/alerts").json()["alerts"]
    return {alert["verdict"]["domain"]: alert["alert_id"] for alert in alerts}


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("", {"www.harbour-lights.com", "xkqzvbtrwpljhf.net", "garden-gate.org", "orchard-lane.org"}),
        ("reason:random_name", {"xkqzvbtrwpljhf.net"}),
        ("agent:win10 -domain:harbour-lights.com", {"xkqzvbtrwpljhf.net"}),
        ("severity:critical", set()),
    ],
)
def test_it_shows_what_the_filter_picks(fed: Fed, q: str, names: set[str]) -> None:
    page = fed.service.get(f"/ui/alerts?{urlencode({'q': q})}").body.decode()
    every = {"www.harbour-lights.com", "xkqzvbtrwpljhf.net", "garden-gate.org", "orchard-lane.org"}
    assert {name for name in every if f"<bdi>{name}</bdi>" in page} == names
    assert f'name="q" type="search" value="{q}"' in page


def test_a_filter_that_cant_be_read_is_said_and_kept(fed: Fed) -> None:
    reply = fed.service.get("/ui/alerts?q=colour:red")
    assert reply.status == 400
    assert "The filter knows no &#39;colour&#39;" in reply.body.decode()
    assert 'value="colour:red"' in reply.body.decode()


def test_the_evidence_of_one(fed: Fed) -> None:
    alert_id = ids(fed)["xkqzvbtrwpljhf.net"]
    part = fed.service.get(f"/ui/alert?id={alert_id}&part=1").body.decode()
    assert "<html" not in part
    assert "looks machine-made" in part
    assert "T1568.002" in part
    assert "192.0.2.40" in part
    assert (
        'name="q" value="a &#34;b&#34;"' in fed.service.get(f"/ui/alert?id={alert_id}&part=1&q=a+%22b%22").body.decode()
    ), "a mark leads back to the list"
    whole = fed.service.get(f"/ui/alert?id={alert_id}").body.decode()
    assert "<html" in whole
    assert fed.service.get("/ui/alert?id=none").status == 404


def test_marks_are_kept_with_who_and_when(fed: Fed) -> None:
    chosen = [ids(fed)["harbour-lights.com"], ids(fed)["garden-gate.org"]]
    reply = mark(fed, id=chosen, state="false_alarm", q="agent:win10", before="")
    assert reply.status == 303
    assert reply.headers["location"] == "/ui/alerts?q=agent%3Awin10&marked=2"
    assert "2 alerts marked." in fed.service.get(reply.headers["location"]).body.decode()

    told = fed.service.get("/v1/alerts?state=false_alarm").json()["alerts"]
    assert {alert["alert_id"] for alert in told} == set(chosen)
    assert {alert["reviewed_by"] for alert in told} == {"local"}
    assert all(alert["reviewed"].endswith("Z") for alert in told)
    trail = fed.service.get("/v1/audit").json()["deeds"]
    assert {(deed["who"], deed["about"]) for deed in trail if deed["what"] == "reviewed"} == {
        ("local", f"{alert_id} false_alarm") for alert_id in chosen
    }
    page = fed.service.get("/ui/alerts?q=state:false_alarm").body.decode()
    assert page.count('<span class="state t-false_alarm">') == 2
    mark(fed, id=chosen, state="new")
    assert fed.service.get("/v1/alerts?state=false_alarm").json()["alerts"] == []


@pytest.mark.parametrize(
    "body", [b"", b"state=none&id=1", b"id=1", b"state=new&\xff\xfe", b"state=new" + b"&id=x" * 501]
)
def test_a_form_that_cant_be_read_marks_nothing(fed: Fed, body: bytes) -> None:
    reply = fed.service.get("/ui/alerts/state", "POST", body)
    assert reply.status == 400
    assert b"Nothing was marked" in reply.body


def test_another_sites_form_is_refused(fed: Fed) -> None:
    reply = fed.service.get("/ui/alerts/state", "POST", b"state=new", Origin="https://evil.example")
    assert reply.status == 403


def test_what_leads_back_leads_nowhere_else(fed: Fed) -> None:
    reply = mark(fed, state="new", q="//evil.example", before="1&x=//evil.example")
    assert reply.headers["location"].startswith("/ui/alerts?q=%2F%2Fevil.example&before=1%26x%3D")
