"""The other routes of Domain Stats 1.0.1, over a real service: its words, its order of keys, its final newline."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firstsight import tables
from running import InThread, asking, running
from servers.registry import Answer, Registry

SCORES = tables.letter_pairs().scores


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InThread]:
    """It has been asked for five domains: a.com to e.com, of which the registry knows all but e.com."""
    with (
        Registry() as registry,
        running(tmp_path_factory.mktemp("records"), **asking(registry.url), compat={"wait": 10}) as service,
    ):
        registry.default = Answer("1995-08-04T04:00:00Z")
        for letter in "cadb":
            service.get(f"/www.kestrel-{letter}.com")
        registry.domains["kestrel-e.com"] = Answer(registered=None)
        service.get("/kestrel-e.com")
        yield service


def since(service: InThread, domain: str) -> str:
    you: str = service.get(f"/{domain}").json()["seen_by_you"]
    return you


def item(service: InThread, letter: str, web: str = "Fri, 04 Aug 1995 04:00:00 GMT") -> dict[str, Any]:
    """What is remembered of one of them."""
    domain = f"kestrel-{letter}.com"
    average, word = SCORES(domain)
    low = ([], ["SUSPECT-FREQ-SCORE"], ["LOW-FREQ-SCORES"])[(average < 5.0) + (word < 4.0)]
    known = web != "UNKNOWN"
    return {
        "cache_expires": "Never",
        "cache_value": {
            "alerts": low,
            "category": "ESTABLISHED" if known else "UNKNOWN",
            "freq_score": [average, word],
            "seen_by_isc": "RDAP" if known else "UNKNOWN",
            "seen_by_web": web,
            "seen_by_you": since(service, domain),
        },
        "domain": domain,
    }


def told(service: InThread, path: str) -> str:
    reply = service.get(path)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    return reply.body.decode()


def line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":")) + "\n"


def test_one_domain(service: InThread) -> None:
    assert told(service, "/cache_get?domain=kestrel-a.com") == line(item(service, "a"))
    assert told(service, "/cache_get?domain=KESTREL-A.com.") == line(item(service, "a")), "one domain, one spelling"
    assert told(service, "/cache_get?domain=kestrel-e.com") == line(item(service, "e", "UNKNOWN"))


@pytest.mark.parametrize("domain", ["", "www.kestrel-a.com", "never-asked.com", "printer.local", "co.uk", "192.0.2.1"])
def test_a_domain_that_is_not_there(service: InThread, domain: str) -> None:
    assert told(service, f"/cache_get?domain={domain}") == '{"text":"That domain is not in the database."}\n'
    assert told(service, f"/cache_get?domain={domain}") == '{"text":"That domain is not in the database."}\n', (
        "asking records nothing"
    )


def test_no_domain(service: InThread) -> None:
    for path in ("/cache_get", "/cache_get?other=1"):
        assert told(service, path) == '{"text":"Try /cache_get?domain=markbaggett.com"}\n'


def test_all_domains_page_by_page(service: InThread) -> None:
    first = {"next": f"{service.url}/cache_browse?offset=2&limit=2"}
    second = {"next": f"{service.url}/cache_browse?offset=4&limit=2"}

    assert told(service, "/cache_browse?offset=0&limit=2") == line([first, item(service, "a"), item(service, "b")])
    assert told(service, "/cache_browse?offset=2&limit=2") == line([second, item(service, "c"), item(service, "d")])
    assert told(service, "/cache_browse?offset=4&limit=2") == line([item(service, "e", "UNKNOWN")])
    assert told(service, "/cache_browse?offset=6&limit=2") == "[]\n"


@pytest.mark.parametrize("query", ["", "?offset=0", "?offset=x&limit=y", "?limit=101", "?limit=-1", "?limit=1e3"])
def test_a_page_is_as_long_as_the_settings_say(service: InThread, query: str) -> None:
    assert len(service.get(f"/cache_browse{query}").json()) == 5


@pytest.mark.parametrize("query", ["?offset=-1", "?limit=0", f"?offset={10**30}"])
def test_pages_without_records(service: InThread, query: str) -> None:
    assert told(service, f"/cache_browse{query}") == "[]\n"


def test_a_limit_of_the_settings_names_the_next_page(tmp_path: Path) -> None:
    with running(tmp_path, compat={"browse_limit": 2}) as service:
        for letter in "abc":
            service.get(f"/kestrel-{letter}.com")
        told = service.get("/cache_browse?limit=50").json()

        assert told[0] == {"next": f"{service.url}/cache_browse?offset=2&limit=2"}
        assert [each["domain"] for each in told[1:]] == ["kestrel-a.com", "kestrel-b.com"]


def test_statistics(tmp_path: Path) -> None:
    with Registry() as registry, running(tmp_path, **asking(registry.url), compat={"wait": 10}) as service:
        registry.default = Answer("1995-08-04T04:00:00Z")
        registry.domains["kestrel-e.com"] = Answer(registered=None)
        for name in ("kestrel-a.com", "www.kestrel-a.com", "kestrel-a.com", "kestrel-e.com", "printer.local"):
            service.get(f"/{name}")
        size = service.do(service.parts.store.size)

        assert size > 0
        assert told(service, "/stats") == line(
            {"hit": 2, "miss": 2, "rdap_fail": 1, "rdap_good": 1, "size": size, "warnings": []}
        )
        assert told(service, "/stats-reset") == '{"text":"Success"}\n'
        assert service.get("/stats").json() | {"size": 0} == {
            "hit": 0, "miss": 0, "rdap_fail": 0, "rdap_good": 0, "size": 0, "warnings": [],
        }  # fmt: skip
        assert service.get("/kestrel-a.com").json()["alerts"] == item(service, "a")["cache_value"]["alerts"]


@pytest.mark.parametrize("path", ["/stats-reset", "/kestrel-a.com"])
def test_another_sites_page_can_neither_reset_nor_look_up(service: InThread, path: str) -> None:
    before = service.get("/stats").json()
    for site in ("cross-site", "same-site"):
        assert service.get(path, Sec_Fetch_Site=site).status == 403
    assert service.get("/stats").json() == before


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("?domain=xn--bcher-kva.de", '"b\\u00fccher.de"\n'),
        ("?domain=XN--BCHER-KVA.de", '"b\\u00fccher.de"\n'),
        ("?domain=sans.org", '"sans.org"\n'),
        ("?domain=b%C3%BCcher.de", '"b\\u00fccher.de"\n'),  # 500 in the original
        ("?domain=a%20b%22", '"a b\\""\n'),
        ("", '{"text":"Try /depuny?domain=xn--yutube-wqf.com"}\n'),
    ],
)
def test_readable_names(service: InThread, query: str, text: str) -> None:
    assert told(service, f"/depuny{query}") == text


@pytest.mark.parametrize("path", ["/stats", "/stats-reset", "/cache_get", "/cache_browse", "/depuny"])
def test_other_methods(service: InThread, path: str) -> None:
    head = service.get(path, "HEAD")

    assert (head.status, head.body) == (200, b"")
    assert service.get(path, "POST").status == 405
    assert service.get(f"{path}/").status == 404
