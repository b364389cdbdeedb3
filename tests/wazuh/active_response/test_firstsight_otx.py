"""The active response for Linux and macOS, driven as execd drives it."""

import ast
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from endpoint_home import SCRIPT, EndpointHome, alert_message, message, zombies
from running import eventually
from servers import knowledge as play
from servers.knowledge import Answer, Knowledge

CERTIFICATE = Path(play.__file__).with_name("loopback.pem")
SECRET = "s3cret-of-an-endpoint"
PULSE = {"id": "5f1", "name": "Lures of a courier", "author": "AlienVault", "tags": ["courier"], "attack": ["T1566"]}
KNOWN = Answer(body={"state": "known", "verdict": "high", "pulses": [PULSE]})
ABSENT = Answer(body={"state": "absent", "verdict": "none", "pulses": []})
PENDING = Answer(body={"state": "unavailable", "reason": "pending", "retry_at": None})


@pytest.fixture
def server() -> Iterator[Knowledge]:
    with Knowledge() as knowledge:
        yield knowledge


@pytest.fixture
def home(server: Knowledge) -> Iterator[EndpointHome]:
    with EndpointHome(PAUSE=0.05) as folder:
        folder.configure(url=server.url, secret=SECRET)
        yield folder


def intel(name: str) -> str:
    return f"/v1/intel/{name}?wait=10"


def done(home: EndpointHome) -> bool:
    return not home.workers() and not list(home.waiting.glob("*.json"))


# -- what it is ------------------------------------------------------------------------------------------------------


def test_it_needs_the_standard_library_of_python_3_6_alone() -> None:
    tree = ast.parse(SCRIPT.read_text(), feature_version=(3, 6))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert {str(module).partition(".")[0] for module in modules} <= sys.stdlib_module_names
    assert SCRIPT.read_text().startswith("#!/usr/bin/python3 -IS\n")
    assert os.access(SCRIPT, os.X_OK)


# -- as execd drives it ----------------------------------------------------------------------------------------------


def test_a_known_name_is_one_line_that_names_the_alert(home: EndpointHome, server: Knowledge) -> None:
    server.answers[intel("evil.example")] = KNOWN
    ended = home.respond(alert_message(alert_id="0a1b"))

    assert json.loads(ended.first)["command"] == "check_keys"
    assert (ended.rest, ended.status) == ("", 0)
    (line,) = eventually(home.lines)
    assert (line["outcome"], line["query"], line["alert_id"]) == ("found", "evil.example", "0a1b")
    assert (line["verdict"], line["known"], line["pulses"]) == ("high", "no", ["Lures of a courier"])
    eventually(lambda: done(home))
    ((_, headers),) = server.asked
    assert headers["Authorization"] == f"Bearer {SECRET}"


def test_a_name_that_nobody_holds_anything_against_writes_nothing(home: EndpointHome, server: Knowledge) -> None:
    server.answers[intel("evil.example")] = ABSENT
    home.respond(alert_message())
    eventually(lambda: server.asked and done(home))
    assert home.lines() == []


def test_the_words_of_wazuh_5(home: EndpointHome, server: Knowledge) -> None:
    server.answers[intel("evil.example")] = KNOWN
    event = {"event": {"module": "firstsight"}, "dns": {"question": {"name": "evil.example"}}}
    home.respond({**event, "command": "enable"})
    eventually(home.lines)
    assert home.respond({**event, "command": "disable"}).first == ""


def test_it_has_left_while_the_other_side_still_hangs(home: EndpointHome, server: Knowledge) -> None:
    server.hanging = True
    server.default = KNOWN
    ended = home.respond(alert_message())

    assert (ended.rest, ended.status) == ("", 0)
    assert len(eventually(lambda: server.asked and home.workers())) == 1
    assert home.lines() == []
    assert zombies() == []
    server.over.set()
    assert eventually(home.lines)[0]["outcome"] == "found"
    eventually(lambda: done(home))
    assert zombies() == []


@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_many_in_a_row(home: EndpointHome, server: Knowledge, count: int) -> None:
    server.default = KNOWN
    names = [f"d{number}.example" for number in range(count)]
    for name in names:
        ended = home.respond(alert_message(name, alert_id=f"id-{name}"))
        assert (ended.rest, ended.status) == ("", 0)
    eventually(lambda: done(home))
    assert [(line["query"], line["alert_id"]) for line in home.lines()] == [(name, f"id-{name}") for name in names]
    assert zombies() == []


def test_there_is_one_worker_and_what_comes_meanwhile_is_asked_too(home: EndpointHome, server: Knowledge) -> None:
    server.hanging = True
    server.default = KNOWN
    for name in ("a.example", "b.example", "c.example"):
        home.respond(alert_message(name))
    eventually(lambda: server.asked and len(home.workers()) == 1)
    server.over.set()
    eventually(lambda: done(home))
    assert [line["query"] for line in home.lines()] == ["a.example", "b.example", "c.example"]


def test_a_stateful_pair(home: EndpointHome, server: Knowledge) -> None:
    server.default = KNOWN
    home.respond(alert_message(), timeout=60)
    eventually(lambda: done(home))
    again = home.respond(alert_message(), timeout=60)
    assert json.loads(again.first)["parameters"]["keys"] == ["evil.example"]
    assert again.rest == ""
    assert done(home), "aborted: nothing waits"

    assert home.timed_out(alert_message()).first == "", "nothing is to be undone"
    home.respond(alert_message(), timeout=60)
    eventually(lambda: len(home.lines()) == 2 and done(home))
    assert len(server.asked) == 2


def test_an_alert_of_64_kb(home: EndpointHome, server: Knowledge) -> None:
    server.default = KNOWN
    large = alert_message(answers=["198.51.100.23"] * 3_800)
    assert 60_000 < len(json.dumps(large, separators=(",", ":"))) < 65_536
    assert home.respond(large).status == 0
    assert eventually(home.lines)[0]["outcome"] == "found"


def test_an_alert_that_was_cut_is_told(home: EndpointHome, server: Knowledge) -> None:
    ended = home.respond(json.dumps(alert_message()).encode()[:300])
    assert (ended.first, ended.status) == ("", 0)
    assert "cut" in home.lines()[0]["error"]
    assert server.asked == []


def test_an_alert_without_the_expected_fields_is_told(home: EndpointHome, server: Knowledge) -> None:
    ended = home.respond(message({"win": {"eventdata": {"queryName": "intranet.corp.example"}}}))
    assert (ended.first, ended.status) == ("", 0)
    (line,) = home.lines()
    assert (line["outcome"], "query" in line) == ("failed", False)
    assert "117011" in line["error"]
    assert server.asked == []


def test_an_alert_about_a_line_of_its_own_is_passed_over(home: EndpointHome, server: Knowledge) -> None:
    own = {"integration": "firstsight_otx", "firstsight_otx": {"outcome": "found", "query": "evil.example"}}
    assert home.respond(message(own)).first == ""
    assert home.lines() == []
    assert server.asked == []


def test_its_own_question_is_not_asked_about(home: EndpointHome, server: Knowledge) -> None:
    home.configure(url="https://otx.example", mode="otx", secret_file="firstsight-otx.key")
    home.respond(alert_message("otx.example"))
    eventually(lambda: done(home))
    assert home.lines() == []


def test_the_log_is_no_link_to_elsewhere(home: EndpointHome, server: Knowledge) -> None:
    server.default = KNOWN
    home.log.symlink_to(home.path / "elsewhere")
    home.respond(alert_message())
    eventually(lambda: server.asked and not home.workers())
    assert not (home.path / "elsewhere").exists()
    assert list(home.waiting.glob("*.json")), "asked again when the next alert comes"


# -- nobody can say --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "told", "tries"),
    [
        (Answer(401), "token", 1),
        (Answer(403), "token", 1),
        (Answer(404), "url", 1),
        (Answer(422), "url", 1),
        (Answer(302, headers={"Location": "http://127.0.0.1:1/"}), "url", 1),
        (Answer(429, headers={"Retry-After": "0"}), "429", 3),
        (Answer(500), "500", 3),
        (Answer(503), "503", 3),
        (Answer(200, b"<title>Welcome</title>"), "no JSON", 1),
        (Answer(200, b"[" * 100_000), "no JSON", 1),
        (Answer(200, b" " * (9 << 20)), "too large", 1),
        (PENDING, "pending", 3),
        (Answer(body={"state": "unavailable", "reason": "off", "retry_at": None}), "off", 1),
    ],
    ids=[
        "401",
        "403",
        "404",
        "422",
        "302",
        "429",
        "500",
        "503",
        "page",
        "brackets",
        "large",
        "pending",
        "off",
    ],
)
def test_a_look_up_that_fails_is_one_line(
    home: EndpointHome, server: Knowledge, answer: Answer, told: str, tries: int
) -> None:
    server.default = answer
    home.respond(alert_message())
    eventually(lambda: server.asked and done(home))
    (line,) = home.lines()
    assert (line["outcome"], line["query"], line["alert_id"]) == ("failed", "evil.example", "a1b2")
    assert told in line["error"]
    assert len(server.asked) == tries
    assert SECRET not in home.log.read_text()


def test_what_is_known_a_moment_later_is_found(home: EndpointHome, server: Knowledge) -> None:
    server.scripted = [Answer(503), PENDING, KNOWN]
    home.respond(alert_message())
    assert eventually(home.lines)[0]["outcome"] == "found"


def test_while_nobody_answers_those_behind_are_tried_once_each(home: EndpointHome, server: Knowledge) -> None:
    server.hanging = True
    server.default = Answer(503)
    for name in ("a.example", "b.example", "c.example"):
        home.respond(alert_message(name))
    eventually(lambda: len(list(home.waiting.glob("*.json"))) == 3)
    server.hanging = False
    server.over.set()
    eventually(lambda: done(home))
    assert [line["outcome"] for line in home.lines()] == ["failed"] * 3
    assert len(server.asked) == 3 + 1 + 1


def test_a_service_that_is_away() -> None:
    with Knowledge() as gone:
        url = gone.url
    with EndpointHome(PAUSE=0.0) as home:
        home.configure(url=url, secret=SECRET)
        home.respond(alert_message())
        assert "gives no answer" in eventually(home.lines)[0]["error"]


def test_a_server_that_hangs_is_given_up() -> None:
    with Knowledge() as server, EndpointHome(PATIENCE=0.3, TRIES=1) as home:
        server.hanging = True
        home.configure(url=server.url, secret=SECRET)
        home.respond(alert_message())
        assert "no answer in time" in eventually(home.lines)[0]["error"]


def test_a_foreign_certificate_gets_no_token_and_the_named_authority_does() -> None:
    with Knowledge(CERTIFICATE) as server, EndpointHome(PAUSE=0.0) as home:
        server.default = KNOWN
        home.configure(url=server.url, secret=SECRET)
        home.respond(alert_message())
        assert "certificate" in eventually(home.lines)[0]["error"]
        assert server.asked == []

        home.configure(url=server.url, secret=SECRET, ca=CERTIFICATE)
        home.respond(alert_message("b.example"))
        assert eventually(lambda: home.lines()[1:])[0]["outcome"] == "found"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "firstsight-otx.conf can't be read"),
        ("", "needs `url = "),
        ("url = http://10.0.0.1", "needs `url = "),
        ("url = https://me:pw@host", "needs `url = "),
        ("url = https://h:99999", "needs `url = "),
        ("url = https://h\nurll = 1", "line 2 is no"),
        ("url = https://h\nmode = both", "mode is"),
        ("url = https://h\nca = none.pem", "none.pem can't be read"),
        ("url = https://h\ntoken_file = none", "none can't be read"),
        ("url = https://h\ntoken_file = open", "chmod 600"),
        ("url = https://h\ntoken_file = blank", "holds no token"),
    ],
)
def test_settings_that_can_not_be_used_are_told(home: EndpointHome, text: str | None, told: str) -> None:
    (home.bin / "open").write_text(SECRET)
    (home.bin / "open").chmod(0o640)
    (home.bin / "blank").touch(0o600)
    conf = home.bin / "firstsight-otx.conf"
    conf.unlink()
    if text is not None:
        conf.write_text(text)
    home.respond(alert_message())
    (line,) = eventually(home.lines)
    assert told in line["error"]
    assert line["query"] == "evil.example"
    assert SECRET not in home.log.read_text()


# -- what waits ------------------------------------------------------------------------------------------------------


def test_a_question_of_a_worker_that_was_killed_is_asked_later(home: EndpointHome, server: Knowledge) -> None:
    server.hanging = True
    server.default = KNOWN
    home.respond(alert_message("a.example"))
    eventually(lambda: server.asked)
    (worker,) = home.workers()
    os.kill(worker, 9)
    eventually(lambda: not home.workers())
    server.hanging = False
    home.respond(alert_message("b.example"))
    eventually(lambda: done(home))
    assert [line["query"] for line in home.lines()] == ["a.example", "b.example"]


def test_a_question_that_waited_for_a_day_is_not_asked(home: EndpointHome, server: Knowledge) -> None:
    server.default = KNOWN
    home.waiting.mkdir()
    old = home.waiting / "00000000000000000001-1.json"
    old.write_text(json.dumps({"query": "a.example"}))
    os.utime(old, (1, 1))
    (home.waiting / "00000000000000000002-1.json").write_text("{half")
    home.respond(alert_message("b.example"))
    eventually(lambda: done(home))
    first, second, third = home.lines()
    assert "a.example waited" in first["error"]
    assert second["outcome"] == "failed"
    assert third["query"] == "b.example"


def test_too_many_questions_are_refused(server: Knowledge) -> None:
    with EndpointHome(WAITING_MOST=2) as home:
        home.configure(url=server.url, secret=SECRET)
        server.hanging = True
        for number in range(4):
            home.respond(alert_message(f"d{number}.example"))
        assert "wait in" in eventually(home.lines)[0]["error"]


# -- OTX itself ------------------------------------------------------------------------------------------------------


def general(*authors: str, **more: Any) -> Answer:
    listed = [{"id": f"id-{author}", "name": "n", "author": {"username": author}} for author in authors]
    return Answer(body={"pulse_info": {"count": len(listed), "pulses": listed}, "validation": [], **more})


@pytest.fixture
def direct(server: Knowledge) -> Iterator[EndpointHome]:
    with EndpointHome(PAUSE=0.0) as folder:
        folder.configure(url=server.url, mode="otx", secret=SECRET, secret_file="firstsight-otx.key")
        yield folder


HOST, DOMAIN = (f"/api/v1/indicators/{kind}/general" for kind in ("hostname/www.evil.example", "domain/evil.example"))


def test_otx_is_asked_for_host_and_domain_with_the_key(direct: EndpointHome, server: Knowledge) -> None:
    server.answers = {HOST: general("somebody"), DOMAIN: general("AlienVault", "somebody")}
    direct.respond(alert_message("www.evil.example", domain="evil.example"))
    (line,) = eventually(direct.lines)
    assert (line["source"], line["count"], line["authors"]) == ("otx", "1", ["AlienVault"])
    assert "verdict" not in line
    assert [(path, headers["X-OTX-API-KEY"]) for path, headers in server.asked] == [(HOST, SECRET), (DOMAIN, SECRET)]


@pytest.mark.parametrize("other", [Answer(404), general(), general("somebody")], ids=["404", "none", "others"])
def test_what_otx_has_nothing_trusted_about_writes_nothing(
    direct: EndpointHome, server: Knowledge, other: Answer
) -> None:
    server.default = other
    direct.respond(alert_message("www.evil.example", domain="evil.example"))
    eventually(lambda: len(server.asked) == 2 and done(direct))
    assert direct.lines() == []


def test_half_an_answer_of_otx_counts_where_it_finds_and_is_a_failure_where_not(
    direct: EndpointHome, server: Knowledge
) -> None:
    server.answers = {HOST: Answer(504), DOMAIN: general("AlienVault")}
    direct.respond(alert_message("www.evil.example", domain="evil.example"))
    assert eventually(direct.lines)[0]["outcome"] == "found"
    server.answers[DOMAIN] = general()
    direct.respond(alert_message("www.evil.example", domain="evil.example"))
    assert "504" in eventually(lambda: direct.lines()[1:])[0]["error"]
