"""Whoever asks, however badly: every answer is one that the description has for that route, and none is a failure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from firstsight.access.people import Role
from firstsight.access.tokens import TokenScope
from people_of_tests import Browser, admit
from running import Client, Reply, running
from tokens_of_tests import bearer, line, token_file

EVERYBODY = ["anonymous", *(f"scope {scope}" for scope in TokenScope), *(f"role {role}" for role in Role)]
EXPIRED = "an expired token"
BODIES = [None, b"", b"{", b"[]", b"null", b'{"names": [1], "events": [], "more": {}}', b"\xff\xfe\0", b"x" * 70_000]
QUERIES = ["", "?wait=x&limit=0&after=-1&node=%00&since=never&severity=none&what=all", "?wait=1e999&limit=9" + "9" * 30]


@dataclass
class Described:
    """A service that knows this machine from no other, its description, and what each asker sends along."""

    client: Client
    document: dict[str, Any]
    headers: dict[str, dict[str, str]]

    def operations(self) -> Iterator[tuple[str, str, set[str]]]:
        """Method, path with values in it, and the statuses that are described."""
        for path, operations in self.document["paths"].items():
            asked = path.replace("{name}", "sans.org").replace("{alert_id}", "1").replace("{exception_id}", "1")
            for method, operation in operations.items():
                yield method.upper(), asked, set(operation["responses"])

    def ask(self, who: str, method: str, path: str, body: bytes | None) -> Reply:
        return self.client.get(path, method, body, Content_Type="application/json", **self.headers[who])


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    folder = tmp_path_factory.mktemp("described")
    tokens = [line(f"of-{scope}", scope) for scope in TokenScope]
    file = token_file(folder, *tokens, line("of-yesterday", "admin", "2020-01-01"))
    keys = {"auth": {"token_file": str(file)}, "web": {"trusted_proxies": ["127.0.0.0/8"]}}
    with running(folder, **keys) as service:
        headers = {f"scope {scope}": bearer(f"of-{scope}") for scope in TokenScope}
        headers |= {"anonymous": {}, EXPIRED: bearer("of-yesterday")}
        for role in Role:
            admit(service, f"the-{role}", role)
            browser = Browser(service)
            browser.log_in(f"the-{role}")
            headers[f"role {role}"] = {"Cookie": browser.cookie, "X_CSRF_Token": browser.csrf()}
        document = service.get("/openapi.json", **headers["scope read"]).json()
        yield Described(Client(service.url), document, headers)


@pytest.mark.parametrize("who", [*EVERYBODY, EXPIRED])
def test_each_answer_is_described(described: Described, who: str) -> None:
    amiss = []
    for method, path, statuses in described.operations():
        for body in BODIES if method == "POST" else BODIES[:1]:
            for query in QUERIES:
                reply = described.ask(who, method, path + query, body)
                if str(reply.status) not in statuses or reply.status >= 500:
                    amiss.append(f"{method} {path}{query} {body!r}: {reply.status}")
    assert amiss == []


def test_what_stands_in_front_of_all_routes_is_described_at_each(described: Described) -> None:
    """A foreign Host, another site's page, a proxy that says nothing of use: at open routes too."""
    for method, path, statuses in described.operations():
        for headers in ({"Host": "evil.example"}, {"Sec_Fetch_Site": "cross-site"}, {"X_Forwarded_For": "nobody"}):
            reply = described.client.get(path, method, None, **headers)
            assert reply.status in {400, 403}
            assert str(reply.status) in statuses
            assert reply.headers["content-type"] == "application/problem+json"


def test_open_routes_never_ask_who_it_is(described: Described) -> None:
    for path in ("/healthz", "/readyz"):
        operation = described.document["paths"][path]["get"]
        assert operation["security"] == []
        assert "401" not in operation["responses"]
        assert {described.ask(who, "GET", path, None).status for who in described.headers} == {200}
    assert described.document["paths"]["/v1/audit"]["get"]["security"] == [{"token": ["admin"]}, {}]


@pytest.mark.slow
@pytest.mark.parametrize("who", EVERYBODY)
def test_nothing_the_description_allows_breaks_it_for(described: Described, who: str) -> None:
    import schemathesis  # of the slow suite's group
    from hypothesis import given, settings
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    @schemathesis.serializer("application/x-ndjson")
    def lines(_: Any, value: Any) -> bytes:
        return str(value).encode("utf-8", "replace")

    headers = {name.replace("_", "-"): value for name, value in described.headers[who].items()}
    schema = schemathesis.openapi.from_dict(described.document)
    schema.config.update(base_url=described.client.url)

    def holds_for(operation: Any) -> None:
        @given(case=operation.as_strategy())
        @settings(max_examples=15, deadline=None)
        def holds(case: Any) -> None:
            # Whether this asker may is the matrix's; what an exception may match is more than a schema can say.
            case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

        holds()

    for found in schema.get_all_operations():
        holds_for(found.ok())  # type: ignore[union-attr]  # an Err fails here, as it should
    assert described.client.get("/healthz").status == 200
