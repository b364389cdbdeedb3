"""Which side answers: the native one its own paths, the compatibility one everything else."""

from collections.abc import Iterator

import pytest

from running import InThread, running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InThread]:
    with running(tmp_path_factory.mktemp("app")) as service:
        yield service


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/healthz", "/readyz", "/metrics", "/v1/alerts"])
def test_native_paths(service: InThread, path: str) -> None:
    reply = service.get(path)

    assert reply.status == 200
    assert b"eTLD" not in reply.body


@pytest.mark.parametrize("path", ["/v1", "/healthz.com", "/v1.org", "/redoc", "/docs.google.com", "/HEALTHZ"])
def test_everything_else_is_a_name(service: InThread, path: str) -> None:
    assert set(service.get(path).json()) == {
        "alerts", "category", "freq_score", "seen_by_isc", "seen_by_web", "seen_by_you",
    }  # fmt: skip


def test_a_wish_for_another_protocol_is_passed_over(service: InThread) -> None:
    reply = service.get("/upgrade.org", Upgrade="h2c", Connection="Upgrade, HTTP2-Settings")

    assert reply.status == 200
    assert reply.json()["category"] == "UNKNOWN"


def test_many_questions_over_one_connection(service: InThread) -> None:
    questions = b"".join(b"GET /kept%d.org HTTP/1.1\r\nHost: localhost\r\n\r\n" % number for number in range(5))
    last = b"GET /kept5.org HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    assert service.raw(questions + last).count(b"HTTP/1.1 200 OK") == 6
