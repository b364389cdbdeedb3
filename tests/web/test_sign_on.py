"""Log-ins by an identity provider on loopback, through a running service behind its proxy: what goes well, and what
is tried against it. tests/access has each part by itself."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from firstsight.access.attempts import OF_A_NAME
from firstsight.access.people import Role
from firstsight.clock import SystemClock
from people_of_tests import PROXY, Browser, admit, told
from running import InThread, Reply, eventually, running
from servers.provider import CLIENT, SECRET, Provider, ec_key, query_of, rsa_key

PUBLIC = "http://127.0.0.1:5730"
CALLBACK = "/login/oidc/callback"


@contextmanager
def signing_on(folder: Path, provider: Provider, **oidc: Any) -> Iterator[InThread]:
    secret = folder / "secret"
    secret.write_text(f"{SECRET}\n")
    secret.chmod(0o600)
    usual = {
        "issuer": provider.issuer,
        "name": "Example <SSO>",
        "client_id": CLIENT,
        "client_secret_file": str(secret),
        "roles": {"soc-leads": "admin", "soc-analysts": "analyst"},
    }
    with running(folder, oidc=usual | oidc, web={"trusted_proxies": [PROXY], "public_url": PUBLIC}) as service:
        yield service


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture
def service(tmp_path: Path, provider: Provider) -> Iterator[InThread]:
    with signing_on(tmp_path, provider) as service:
        yield service


class Visitor(Browser):
    """A browser that is sent to the provider and back; it keeps the cookie of a log-in under way too."""

    def __init__(self, service: InThread, client: str = "192.0.2.1") -> None:
        super().__init__(service, client)
        self.under_way = ""

    def begin(self, wanted: str = "") -> str:
        """Go to the provider; the URL there."""
        reply = self.get(f"/login/oidc?{urlencode({'next': wanted})}", X_Forwarded_For=self.client)
        assert reply.status == 303, reply.body
        self.under_way = reply.headers["set-cookie"].partition(";")[0]
        return reply.headers["location"]

    def back(self, query: str, **headers: str) -> Reply:
        """Come back from it."""
        cookies = "; ".join(filter(None, [self.under_way, self.cookie]))
        connection = self.connection()
        try:
            given = {"Cookie": cookies, "X-Forwarded-For": self.client, **headers}
            connection.request("GET", f"{CALLBACK}?{query}", headers=given)
            reply = connection.getresponse()
            for name, value in reply.getheaders():
                if name.lower() == "set-cookie" and "firstsight-login" not in value:
                    self.cookie = value.partition(";")[0]
            fields = {name.lower(): value for name, value in reply.getheaders()}
            return Reply(reply.status, fields, reply.read())
        finally:
            connection.close()


def at(provider: Provider, url: str) -> str:
    """Somebody logs in at the provider; the query that they are sent back with."""
    assert url.startswith(f"{provider.url}/authorize?")
    _, _, headers = provider.authorize(query_of(url))
    assert headers["Location"].startswith(f"{PUBLIC}{CALLBACK}?")
    return urlsplit(headers["Location"]).query


def sign_on(visitor: Visitor, provider: Provider, wanted: str = "") -> Reply:
    return visitor.back(at(provider, visitor.begin(wanted)))


def refused(reply: Reply, why: str, status: int = 403) -> None:
    assert (reply.status, why in reply.body.decode()) == (status, True), reply.body.decode()
    assert "set-cookie" not in reply.headers


# -- as it should be -----------------------------------------------------------------------------------------


def test_who_the_provider_knows_is_in_and_named(service: InThread, provider: Provider) -> None:
    jane = Visitor(service, "192.0.2.7")
    page = jane.ask("/login").body.decode()
    assert '<a href="/login/oidc?next=%2Fui%2F">Log in with Example &lt;SSO&gt;</a>' in page
    assert 'name="password"' in page

    reply = sign_on(jane, provider, "/ui/alerts?q=state:new")
    assert (reply.status, reply.headers["refresh"]) == (200, "0; url=/ui/alerts?q=state:new")
    assert jane.cookie.startswith("__Host-firstsight=")
    assert "You are oidc:jane (analyst)" in jane.ask("/login").body.decode()
    assert jane.ask("/v1/alerts").status == 200
    assert jane.ask("/v1/audit").status == 403
    added = f"oidc:jane analyst 248289761001 {provider.issuer}"
    assert told(service) == [
        ("user_added", "person:oidc:jane", added, "192.0.2.7"),
        ("login", "person:oidc:jane", "", "192.0.2.7"),
    ]


def test_what_is_asked_of_the_provider(service: InThread, provider: Provider) -> None:
    visitor = Visitor(service)
    asked = query_of(visitor.begin())
    assert asked["redirect_uri"] == f"{PUBLIC}{CALLBACK}"
    assert asked["scope"] == "openid profile email"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    name, _, kept = visitor.under_way.partition("=")
    assert name == "__Host-firstsight-login"
    assert not {asked["state"], asked["nonce"], asked["code_challenge"]} & set(kept.split("."))
    flags = visitor.get("/login/oidc", X_Forwarded_For="192.0.2.1").headers["set-cookie"]
    assert flags.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=600")


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_keys_and_ways_of_a_provider(tmp_path: Path, algorithm: str) -> None:
    """A public client too, and one that sends its secret in the form."""
    for public in (True, False):
        with Provider(public=public) as provider:
            provider.keys, provider.algorithm = [ec_key() if algorithm == "ES256" else rsa_key()], algorithm
            provider.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
            folder = tmp_path / str(public)
            folder.mkdir()
            more = {"client_secret_file": ""} if public else {}
            with signing_on(folder, provider, **more) as service:
                assert sign_on(Visitor(service), provider).status == 200


def test_the_service_runs_and_starts_with_the_provider_dead(tmp_path: Path) -> None:
    with Provider() as provider:
        pass
    with signing_on(tmp_path, provider) as service:
        assert service.get("/readyz").status == 200
        assert service.get("/sans.org").status == 200
        assert provider.asked == []
        refused(Visitor(service).get("/login/oidc", X_Forwarded_For="192.0.2.1"), "nothing listens there", 503)
        assert service.get("/readyz").status == 200


def test_new_keys_are_looked_for_once_a_minute(service: InThread, provider: Provider) -> None:
    assert sign_on(Visitor(service), provider).status == 200
    provider.keys = [rsa_key("rsa-2"), *provider.keys]
    assert provider.count("/keys") == 1

    for _ in range(3):
        refused(sign_on(Visitor(service), provider), "none of the keys that it publishes")
    assert provider.count("/keys") == 1  # it was asked for them just now
    assert provider.count("/realms/soc/.well-known/openid-configuration") == 1


# -- who they are --------------------------------------------------------------------------------------------


def test_a_person_is_the_subject_and_a_name_can_be_had_once(service: InThread, provider: Provider) -> None:
    """Not the name, which the provider may give to somebody else, and not anybody's with a password here."""
    admit(service, "jane", Role.ADMIN)
    jane, other = Visitor(service), Visitor(service, "192.0.2.2")
    sign_on(jane, provider)
    provider.person = {"sub": "another", "preferred_username": "jane", "roles": "soc-leads"}
    sign_on(other, provider)
    provider.person = {"sub": "248289761001", "preferred_username": "jane.married", "roles": "soc-analysts"}
    sign_on(jane, provider)

    people = service.do(service.parts.access.people.all)
    first, _, local = sorted(people, key=lambda person: person.subject or "~")
    assert [first.name, local.name] == ["oidc:jane", "jane"]
    assert sorted(person.subject for person in people) == ["", "248289761001", "another"]
    assert "You are oidc:jane (analyst)" in jane.ask("/login").body.decode()
    assert "You are oidc:jane~" in other.ask("/login").body.decode()


def test_nobody_logs_in_with_a_password_as_one_of_them(service: InThread, provider: Provider) -> None:
    sign_on(Visitor(service), provider)
    for password in ("", "a wrong password"):
        assert Browser(service, "192.0.2.3").log_in("oidc:jane", password).status == 401


def test_a_role_follows_the_provider_at_the_next_log_in(service: InThread, provider: Provider) -> None:
    jane = Visitor(service)
    sign_on(jane, provider)
    provider.person["roles"] = ["soc-leads", "soc-analysts"]
    sign_on(jane, provider)

    assert jane.ask("/v1/audit").status == 200
    assert ("user_role", "person:oidc:jane", "oidc:jane admin", "192.0.2.1") in told(service)


def test_who_has_no_role_any_more_is_out_everywhere(service: InThread, provider: Provider) -> None:
    here, there = Visitor(service), Visitor(service, "192.0.2.2")
    sign_on(there, provider)
    provider.person["roles"] = ["something-else"]
    refused(sign_on(here, provider), "You are known as jane, and have no role here: the claim roles of")

    assert there.ask("/v1/alerts").status == 401
    assert service.do(service.parts.access.people.all) == []
    assert [entry[0] for entry in told(service)][-2:] == ["user_removed", "login_failed"]
    assert told(service)[-1][2] == "oidc:jane"


def test_who_never_had_one_does_not_get_in(service: InThread, provider: Provider) -> None:
    provider.person.pop("roles")
    refused(sign_on(Visitor(service), provider), "have no role here")
    assert service.do(service.parts.access.people.all) == []


# -- what is tried against it --------------------------------------------------------------------------------


def test_only_the_browser_that_began_ends_it(service: InThread, provider: Provider) -> None:
    """An answer that somebody else began logs nobody in as them, and counts against nobody."""
    thief, victim = Visitor(service), Visitor(service, "192.0.2.2")
    query = at(provider, thief.begin())
    with capture_logs() as said:
        for _ in range(OF_A_NAME + 1):
            refused(victim.back(query), "This browser began no such log-in")
    assert said == []
    victim.begin()
    refused(victim.back(query), "This browser began no such log-in")
    assert sign_on(victim, provider).status == 200
    assert provider.traded == 1


def test_an_answer_counts_once(service: InThread, provider: Provider) -> None:
    jane = Visitor(service)
    query = at(provider, jane.begin())
    assert jane.back(query).status == 200
    refused(jane.back(query), "or has ended it")
    assert provider.traded == 1


def test_a_code_that_is_too_old(service: InThread, provider: Provider) -> None:
    jane = Visitor(service)
    state = query_of(jane.begin())["state"]
    query = urlencode({"code": "stale", "state": state, "iss": provider.issuer})
    refused(jane.back(query), "does not take its code any more")


def test_a_code_of_another_browser_fails_by_pkce(service: InThread, provider: Provider) -> None:
    jane, thief = Visitor(service), Visitor(service, "192.0.2.2")
    stolen = query_of(f"?{at(provider, jane.begin())}")["code"]
    state = query_of(thief.begin())["state"]
    refused(thief.back(urlencode({"code": stolen, "state": state, "iss": provider.issuer})), "does not take its code")


@pytest.mark.parametrize("change", ["state", "code", "both"])
def test_an_answer_with_nothing_in_it(service: InThread, provider: Provider, change: str) -> None:
    jane = Visitor(service)
    query = query_of(f"?{at(provider, jane.begin())}")
    for key in ("state", "code") if change == "both" else (change,):
        query.pop(key)
    assert jane.back(urlencode(query)).status == 403


def test_mix_up(service: InThread, provider: Provider) -> None:
    provider.back = {"iss": "https://evil.example"}
    refused(sign_on(Visitor(service), provider), "comes from another provider")
    provider.back = {"iss": None}
    refused(sign_on(Visitor(service), provider), "did not name itself")
    assert provider.traded == 0


def test_a_provider_that_never_names_itself(tmp_path: Path, provider: Provider) -> None:
    provider.document, provider.back = {"authorization_response_iss_parameter_supported": None}, {"iss": None}
    with signing_on(tmp_path, provider) as service:
        assert sign_on(Visitor(service), provider).status == 200


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://evil.example"}, "another provider made it"),
        ({"aud": "another"}, "another application"),
        ({"aud": [CLIENT, "another"]}, "another application"),
        ({"azp": "another"}, "another application"),
        ({"nonce": "of another"}, "another log-in"),
        ({"nonce": None}, "another log-in"),
        ({"exp": 1}, "A clock is wrong"),
        ({"iat": 99_999_999_999, "exp": 99_999_999_999}, "A clock is wrong"),
        ({"sub": None}, "does not say whom it is about"),
    ],
)
def test_tokens_that_are_for_something_else(
    service: InThread, provider: Provider, claims: dict[str, Any], why: str
) -> None:
    provider.token = claims
    refused(sign_on(Visitor(service), provider), why)
    assert [entry[0] for entry in told(service)] == ["login_failed"]


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_tokens_that_anybody_could_sign(service: InThread, provider: Provider, algorithm: str) -> None:
    provider.algorithm = algorithm
    refused(sign_on(Visitor(service), provider), "ID token is not believed")


def test_no_broken_token_lets_anybody_in(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever a token becomes on its way: nobody is in by it, and the service goes on."""
    with Provider() as provider, signing_on(tmp_path_factory.mktemp("broken"), provider) as service:
        # The address differs each time: whoever brings wrong ones must wait.
        addresses = (f"10.{number // 65536}.{number // 256 % 256}.{number % 256}" for number in range(2**24))

        @hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.data())
        def broken(data: st.DataObject) -> None:
            def make(claims: dict[str, Any]) -> str:
                good = provider.keys[0].token(claims)
                place = data.draw(st.integers(0, len(good) - 1))
                letter = data.draw(st.characters(codec="utf-8").filter(lambda letter: letter != good[place]))
                return good[:place] + letter + good[place + 1 :]

            provider.make = make
            visitor = Visitor(service, next(addresses))
            assert sign_on(visitor, provider).status in {403, 503}
            assert visitor.cookie == ""

        broken()
        provider.make = None
        assert sign_on(Visitor(service), provider).status == 200


def test_session_fixation(service: InThread, provider: Provider) -> None:
    jane = Visitor(service)
    jane.cookie = "__Host-firstsight=planted"
    sign_on(jane, provider)
    first = jane.cookie
    assert first != "__Host-firstsight=planted"
    sign_on(jane, provider)
    second, jane.cookie = jane.cookie, first
    assert jane.ask("/v1/alerts").status == 401
    jane.cookie = second
    assert jane.ask("/v1/alerts").status == 200


@pytest.mark.parametrize("wanted", ["https://evil.example/ui/", "//evil.example", "/ui/\r\nSet-Cookie: a=b", "/logout"])
def test_open_redirect(service: InThread, provider: Provider, wanted: str) -> None:
    assert sign_on(Visitor(service), provider, wanted).headers["refresh"] == "0; url=/ui/"


def test_whoever_brings_wrong_answers_must_wait(service: InThread, provider: Provider) -> None:
    provider.token = {"nonce": "wrong"}
    guesser, person = Visitor(service, "198.51.100.1"), Visitor(service, "198.51.100.2")
    for _ in range(OF_A_NAME):
        assert sign_on(guesser, provider).status == 403
    reply = guesser.get("/login/oidc", X_Forwarded_For=guesser.client)
    assert (reply.status, int(reply.headers["retry-after"]) > 1) == (429, True)
    provider.token = {}
    assert sign_on(person, provider).status == 200


def test_a_provider_that_cannot_answer_washes_no_wrong_answers_off(service: InThread, provider: Provider) -> None:
    provider.token = {"nonce": "wrong"}
    guesser = Visitor(service, "198.51.100.1")
    for _ in range(OF_A_NAME - 1):
        assert sign_on(guesser, provider).status == 403
    state = query_of(guesser.begin())["state"]
    query = {"error": "temporarily_unavailable", "state": state, "iss": provider.issuer}
    assert guesser.back(urlencode(query)).status == 503
    assert sign_on(guesser, provider).status == 403
    assert guesser.get("/login/oidc", X_Forwarded_For=guesser.client).status == 429


def test_a_failure_that_goes_on_is_logged_once_a_minute(service: InThread, provider: Provider) -> None:
    provider.answers["/realms/soc/.well-known/openid-configuration"] = (500, b"", {})
    with capture_logs() as said:
        for _ in range(5):
            assert Visitor(service).get("/login/oidc", X_Forwarded_For="192.0.2.1").status == 503
    assert [line["event"] for line in said] == ["sign_on_failed"]


def test_what_only_looks_ends_no_log_in(service: InThread, provider: Provider) -> None:
    jane = Visitor(service)
    query = at(provider, jane.begin())
    assert jane.ask(f"{CALLBACK}?{query}", "HEAD").status == 405
    assert jane.back(query).status == 200


def test_other_sites_lead_a_browser_to_the_callback_and_to_no_log_in_of_theirs(
    service: InThread, provider: Provider
) -> None:
    led = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    jane = Visitor(service)
    query = at(provider, jane.begin())
    for change in ({"Sec-Fetch-Dest": "iframe"}, {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}):
        assert jane.back(query, **led | change).status == 403
    assert jane.back(query, **led).status == 200
    named = {name.replace("-", "_"): value for name, value in led.items()}
    for path in ("/login/oidc", "/v1/alerts"):
        assert jane.ask(path, **named).status == 403


def test_what_the_provider_says_no_with(service: InThread, provider: Provider) -> None:
    jane = Visitor(service)
    for error, status, why in (
        ("access_denied", 403, "does not let you in: access_denied"),
        ("<script>", 403, "does not let you in: an error of its own"),
        ("temporarily_unavailable", 503, "can&#x27;t log anybody in now"),
    ):
        state = query_of(jane.begin())["state"]
        query = {"error": error, "error_description": "<b>call 555</b>", "state": state, "iss": provider.issuer}
        reply = jane.back(urlencode(query))
        refused(reply, why, status)
        assert "555" not in reply.body.decode()


def test_no_secret_stands_in_an_address_the_log_or_the_trail(service: InThread, provider: Provider) -> None:
    made: list[str] = []

    def make(claims: dict[str, Any]) -> str:
        made.append(provider.keys[0].token(claims))
        return made[0]

    provider.make = make
    jane = Visitor(service)
    with capture_logs() as said:
        url = jane.begin()
        query = at(provider, url)
        jane.back(query)
        jane.back(query)
        provider.token = {"nonce": "x"}
        sign_on(jane, provider)
    secrets = [SECRET, made[0], query_of(f"?{query}")["code"], jane.under_way.partition("=")[2].partition(".")[0]]
    assert all(secret not in str(said) + str(told(service)) + url for secret in secrets)
    assert any(line["event"] == "sign_on_failed" for line in said)


# -- a provider that is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((500, b"", {}), "answers 500"),
        ((200, b"<html>", {}), "no JSON object"),
        ((200, b"[]", {}), "no JSON object"),
        ((200, b"[" * 100_000, {}), "no JSON object"),
        ((200, b"{" + b'"a":1,' * 60_000, {}), "longer than"),
        ((302, b"", {"Location": "http://127.0.0.1:1/"}), "led on more than 0 times"),
    ],
)
@pytest.mark.parametrize("path", ["/realms/soc/.well-known/openid-configuration", "/keys", "/token"])
def test_answers_that_cannot_be_used(
    service: InThread, provider: Provider, path: str, answer: tuple[int, bytes, dict[str, str]], why: str
) -> None:
    provider.answers[path] = answer
    jane = Visitor(service)
    begun = jane.get("/login/oidc", X_Forwarded_For=jane.client)
    reply = begun if begun.status != 303 else sign_on(jane, provider)
    if path == "/token":
        why = {"answers 500": "no JSON object", "led on more than 0 times": "no JSON object"}.get(why, why)
    refused(reply, why, 503)
    assert told(service) == []  # nobody's fault who logs in

    for _ in range(OF_A_NAME):  # and nobody must wait for it
        assert jane.get("/login/oidc", X_Forwarded_For=jane.client).status in {303, 503}
    assert service.get("/readyz").status == 200


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"token_endpoint": None},
        {"token_endpoint": "https://user:password@login.example/token"},
        {"jwks_uri": ["/keys"]},
        {"end_session_endpoint": "http://evil.example/"},
    ],
)
def test_documents_that_cannot_be_used(service: InThread, provider: Provider, document: dict[str, Any]) -> None:
    provider.document = document
    reply = Visitor(service).get("/login/oidc", X_Forwarded_For="192.0.2.1")
    assert reply.status == 503
    assert "The identity provider can&#x27;t be used: it" in reply.body.decode()
    assert b"password@" not in reply.body


def test_a_document_leads_inside_to_the_providers_own_host_alone(service: InThread, provider: Provider) -> None:
    provider.document = {"token_endpoint": "https://localhost:1/token"}
    refused(sign_on(Visitor(service), provider), "not a public one", 503)


def test_a_secret_that_is_not_known_there(tmp_path: Path, provider: Provider) -> None:
    with signing_on(tmp_path, provider) as service:
        (tmp_path / "secret").write_text("another\n")
        service.do(service.parts.access.renew)
        refused(sign_on(Visitor(service), provider), "client_id and client_secret_file (invalid_client)", 503)
        (tmp_path / "secret").chmod(0o644)
        service.do(service.parts.access.renew)
        assert any("nobody can log in by [oidc]" in said for said in service.do(service.parts.degraded))
        refused(sign_on(Visitor(service), provider), "The client&#x27;s secret can&#x27;t be used", 503)


def test_a_slow_provider_holds_up_nobody_else(service: InThread, provider: Provider) -> None:
    jane = Visitor(service)
    query = at(provider, jane.begin())
    provider.hang.clear()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(jane.back, query)
        eventually(lambda: provider.count("/token"))
        assert service.get("/sans.org").status == 200
        assert service.get("/readyz").status == 200
        assert not waiting.done()
        provider.hang.set()
        assert waiting.result().status == 200


# -- beside passwords, and out again -------------------------------------------------------------------------


def test_passwords_can_be_switched_off(tmp_path: Path, provider: Provider) -> None:
    with signing_on(tmp_path, provider) as service:
        admit(service, "alice", Role.ADMIN)
        alice, jane = Browser(service), Visitor(service)
        alice.log_in("alice")
        sign_on(jane, provider)
    with signing_on(tmp_path, provider, local_login=False) as service:
        page = Browser(service).ask("/login").body.decode()
        assert 'name="password"' not in page
        assert "/login/oidc" in page
        assert Browser(service).log_in("alice").status == 403
        alice.port, jane.port = service.port, service.port
        assert alice.ask("/v1/alerts").status == 401
        assert jane.ask("/v1/alerts").status == 200


def test_without_the_provider_its_people_are_out(tmp_path: Path, provider: Provider) -> None:
    with signing_on(tmp_path, provider) as service:
        jane = Visitor(service)
        sign_on(jane, provider)
    with running(tmp_path, web={"trusted_proxies": [PROXY]}) as service:
        jane.port = service.port
        assert jane.ask("/v1/alerts").status == 401
        assert Browser(service).ask("/login/oidc").status == 404
        assert Browser(service).ask(CALLBACK).status == 404


def test_log_out_here_and_there(service: InThread, provider: Provider) -> None:
    jane = Visitor(service)
    sign_on(jane, provider)
    reply = jane.send("/logout", csrf=jane.csrf())
    assert reply.headers["location"] == "/login?out=1"
    page = jane.ask("/login?out=1").body.decode()
    asked = urlencode({"client_id": CLIENT, "post_logout_redirect_uri": f"{PUBLIC}/login"}).replace("&", "&amp;")
    assert f'<a href="{provider.url}/out?{asked}">Log out of Example &lt;SSO&gt; too</a>' in page
    assert "Log out of" not in jane.ask("/login").body.decode()

    admit(service, "alice", Role.VIEWER)
    alice = Browser(service)
    alice.log_in("alice")
    assert alice.send("/logout", csrf=alice.csrf()).headers["location"] == "/login"


def test_a_provider_without_a_way_out(tmp_path: Path, provider: Provider) -> None:
    provider.document = {"end_session_endpoint": None}
    with signing_on(tmp_path, provider) as service:
        assert "Log out of" not in Browser(service).ask("/login?out=1").body.decode()


def test_a_clock_that_is_wrong_is_said(service: InThread, provider: Provider) -> None:
    provider.token = {"iat": SystemClock.now() - 7200, "exp": SystemClock.now() - 3600}
    reply = sign_on(Visitor(service), provider)
    refused(reply, "A clock is wrong, there or here")
    assert b"timedatectl" in reply.body


def test_a_store_that_cannot_be_written_is_said(tmp_path: Path, provider: Provider) -> None:
    with signing_on(tmp_path, provider) as service:
        jane = Visitor(service)
        query = at(provider, jane.begin())
        store = tmp_path / "data" / "firstsight.db"
        store.rename(tmp_path / "elsewhere.db")
        reply = jane.back(query)
        (tmp_path / "elsewhere.db").rename(store)
        refused(reply, "the store can&#x27;t be used", 503)
