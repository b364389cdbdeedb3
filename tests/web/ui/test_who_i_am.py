"""Who I am, on each page: nothing of it where nobody logs in, else a name, a role and the ways out."""

from pathlib import Path

from firstsight.access.people import Role
from people_of_tests import PROXY, Browser, admit
from running import running
from tokens_of_tests import bearer, line, token_file

PAGES = (
    "/ui/",
    "/ui/alerts?q=a",
    "/ui/exceptions",
    "/ui/exceptions/new",
    "/ui/domain?name=a.com",
    "/ui/agent?name=nobody",
)


def test_on_this_machine_nothing_is_in_the_way(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        for path in PAGES:
            page = service.get(path).body.decode()
            assert "Log in" not in page
            assert "Log out" not in page
            assert "csrf" not in page


def test_who_could_say_who_they_are_is_led_there_and_back(tmp_path: Path) -> None:
    with running(tmp_path, web={"trusted_proxies": [PROXY]}) as service:
        admit(service, "alice", Role.ANALYST)
        page = service.get("/ui/alerts?q=reason:random_name").body.decode()
        assert '<a href="/login?next=%2Fui%2Falerts%3Fq%3Dreason%3Arandom_name">Log in</a>' in page
        for path in PAGES:
            assert ">Log in</a>" in service.get(path).body.decode()


def test_who_has_logged_in_is_named_and_can_go(tmp_path: Path) -> None:
    with running(tmp_path, web={"trusted_proxies": [PROXY]}) as service:
        admit(service, "alice", Role.ADMIN)
        here, there = Browser(service), Browser(service, "192.0.2.9")
        here.log_in("alice")
        there.log_in("alice")
        for path in PAGES:
            page = here.ask(path).body.decode()
            assert "<bdi>alice</bdi>" in page
            assert '<span class="quiet">admin</span>' in page
            assert '<form action="/logout" method="post"><input type="hidden" name="csrf"' in page
            assert "Log in" not in page.replace("Logged in as", "")
        here.send("/logout", csrf=here.csrf(), everywhere="1")
        assert there.ask("/ui/").headers["location"].startswith("/login"), "everywhere is everywhere"


def test_a_token_is_named(tmp_path: Path) -> None:
    tokens = token_file(tmp_path, line("of-read", "read"))
    with running(tmp_path, auth={"token_file": str(tokens)}, web={"trusted_proxies": [PROXY]}) as service:
        page = Browser(service).ask("/ui/alerts", **bearer("of-read")).body.decode()
        assert "token <bdi>of-read</bdi>" in page
        assert "mark as" not in page, "what it may not do is not offered"
        assert "Log out" not in page
