"""A domain's page, an agent's, and the search that leads to them."""

import pytest

from pages_fed import Fed


def test_a_domain(fed: Fed) -> None:
    page = fed.service.get("/ui/domain?name=WWW.Harbour-Lights.com.").body.decode()
    assert "Asked for here since 2026-11-24T12:00:00Z by 1 agent" in page
    assert "1 alert, the highest low." in page
    assert "nobody outside may be asked" in page
    assert '<a href="/ui/agent?name=WIN10">' in page
    assert "first seen here, by WIN10" in page
    assert r"C:\Program Files\Browser\browser.exe" in page


def test_one_that_looks_machine_made_says_why(fed: Fed) -> None:
    page = fed.service.get("/ui/domain?name=xkqzvbtrwpljhf.net").body.decode()
    assert "from 0.90 on a name looks machine-made" in page
    assert "% of ordinary names score lower" in page
    assert "What is unlike them:" in page


def test_one_never_seen(fed: Fed) -> None:
    page = fed.service.get("/ui/domain?name=never-asked.org").body.decode()
    assert "Nobody here has asked for it" in page
    assert "no alert is kept" in page
    assert fed.service.do(lambda: fed.service.parts.store.seen(["never-asked.org"])) == {}


@pytest.mark.parametrize(
    ("name", "words"),
    [("printer", "a single label"), ("host.lan", "internal"), ("10.0.0.1", "an address"), ("co.uk", "a public suffix")],
)
def test_what_is_not_judged_says_why(fed: Fed, name: str, words: str) -> None:
    page = fed.service.get(f"/ui/domain?name={name}").body.decode()
    assert f"Not judged: {words}" in page


@pytest.mark.parametrize("name", ["", "a..b", "%20", "x%00y.com"])
def test_what_is_no_name_is_said(fed: Fed, name: str) -> None:
    reply = fed.service.get(f"/ui/domain?name={name}")
    assert reply.status == 404
    assert "is no DNS name" in reply.body.decode()


def test_an_agent(fed: Fed) -> None:
    page = fed.service.get("/ui/agent?name=win10").body.decode()
    assert "harbour-lights.com" in page
    assert "garden-gate.org" not in page
    assert "only this one" in page
    assert 'first <time datetime="2026-11-24T12:00:00Z"' in page, "what it made first is older than its hours"
    assert fed.service.get("/ui/agent?name=nobody").status == 404


@pytest.mark.parametrize(
    ("q", "leads"),
    [
        ("never.org", "/ui/domain?name=never.org"),
        ("win10", "/ui/agent?name=win10"),
        ("agent:win10+age:%3C3d", "/ui/alerts?q=agent%3Awin10+age%3A%3C3d"),
        ("printer", "/ui/domain?name=printer"),
        ("", "/ui/domain?name="),
    ],
)
def test_a_search_leads_there(fed: Fed, q: str, leads: str) -> None:
    assert fed.service.get(f"/ui/search?q={q}").headers["location"] == leads
