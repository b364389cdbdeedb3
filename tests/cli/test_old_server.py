from contextlib import closing
from typing import Any

import msgspec
import pytest

from firstsight.cli.old_server import OldServer
from firstsight.core.errors import InputError
from servers.domain_stats import DomainStats, item

ITEMS = [item(f"kestrel-{number:04}.com") for number in range(250)]


def domains(url: str, offset: int = 0) -> list[list[Any]]:
    with closing(OldServer(url)) as server:
        return [[msgspec.json.decode(each)["domain"] for each in page] for page in server.pages(offset)]


def flat(pages: list[list[Any]]) -> list[Any]:
    return [each for page in pages for each in page]


@pytest.mark.parametrize("limit", [100, 30, 1000])
def test_all_items_come_once_whatever_its_limit_is(limit: int) -> None:
    with DomainStats(ITEMS, limit) as old:
        assert flat(domains(old.url)) == [each["domain"] for each in ITEMS]
        assert flat(domains(f"{old.url}/", 240)) == [each["domain"] for each in ITEMS[240:]]


def test_a_page_that_ends_exactly_is_not_the_last_word() -> None:
    with DomainStats(ITEMS[:200]) as old:
        assert [len(page) for page in domains(old.url)] == [100, 100]
        assert old.asked == [0, 100, 200]


@pytest.mark.parametrize("hangs_up", [False, True])
def test_a_passing_failure_is_tried_again(hangs_up: bool) -> None:
    with DomainStats(ITEMS) as old:
        old.fails_at, old.times, old.hangs_up = 100, 2, hangs_up
        assert len(flat(domains(old.url))) == 250


def test_a_lasting_failure_is_told_after_what_was_read() -> None:
    with DomainStats(ITEMS) as old, closing(OldServer(old.url)) as server:
        old.fails_at, old.times = 100, 99
        pages = server.pages(0)
        assert len(next(pages)) == 100
        with pytest.raises(InputError, match=r"does not answer \(HTTP status 500\).*give the same command again"):
            next(pages)


def test_nobody_there() -> None:
    with DomainStats([]) as old:
        url = old.url
    with pytest.raises(InputError, match=r"does not answer \(.*refused"):
        domains(url)


def test_another_kind_of_server() -> None:
    with DomainStats([]) as old:
        with pytest.raises(InputError, match="answers with status 404"):
            domains(f"{old.url}/elsewhere")
        old.body = b"<html>"
        with pytest.raises(InputError, match=r"The answer of http://127\.0\.0\.1:\d+ is not what Domain Stats writes"):
            domains(old.url)
        old.body = b"[" + b" " * (17 << 20) + b"]"
        with pytest.raises(InputError, match="16,777,217 bytes"):
            domains(old.url)


def test_a_server_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firstsight.cli.old_server._MOST_ITEMS", 200)
    with DomainStats(ITEMS) as old, pytest.raises(InputError, match="no end of them"):
        domains(old.url)


def test_a_login_is_neither_taken_nor_told() -> None:
    with pytest.raises(InputError, match="holds a login") as caught:
        OldServer("http://admin:secret@127.0.0.1:5730")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "http://", "http://:5730", "http://127.0.0.1:x", "http://a/?b=c"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(InputError, match=r"Write it as http://127\.0\.0\.1:5730"):
        OldServer(url)
