"""The composition of threat intelligence."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firstsight import compose
from firstsight.core.facts import Unavailable
from firstsight.ports import Topic
from firstsight.service import Service
from running import settings

URL = "https://otx.alienvault.com"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Any]:
    services: list[Service] = []

    def make(**keys: Any) -> Service:
        services.append(compose.service(settings(tmp_path, **keys)))
        return services[-1]

    yield make
    for service in services:
        service.store.close()


def test_it_is_off_unless_a_server_is_named(made: Any) -> None:
    assert made(http={}).intelligence is None


def test_offline_nobody_is_asked(made: Any) -> None:
    service = made(otx={"url": URL})

    assert service.intelligence.otx is None
    assert service.intelligence.fresh.unknown == Unavailable("offline")
    assert service.intelligence.trouble() is None


@pytest.mark.parametrize(("otx", "most"), [({}, 100), ({"key_file": "KEY"}, 1000), ({"quota": 50}, 5)])
def test_the_quota_is_that_of_otx_or_of_the_settings(made: Any, tmp_path: Path, otx: dict[str, Any], most: int) -> None:
    path = tmp_path / "key"
    path.write_text("k")
    path.chmod(0o600)
    keys = {"url": URL} | otx | ({"key_file": str(path)} if "key_file" in otx else {})

    assert made(http={}, otx=keys).intelligence.otx.spare() == most


def test_a_missing_key_is_trouble_and_no_reason_not_to_start(made: Any, tmp_path: Path) -> None:
    service = made(http={}, otx={"url": URL, "key_file": str(tmp_path / "absent")})

    assert "can't be read" in service.intelligence.trouble()
    assert any("can't be read" in sentence for sentence in service.degraded())
    assert service.not_ready() is None
    (tmp_path / "absent").write_text("k")
    (tmp_path / "absent").chmod(0o600)
    service.intelligence.renew()
    assert service.intelligence.trouble() is None
    assert service.intelligence.otx.server("evil.com") == "otx.alienvault.com"


def test_questions_stand_apart_from_those_about_registrations(made: Any) -> None:
    service = made(http={}, otx={"url": URL})

    assert service.store.questions(0, 9, topic=Topic.INTEL) == []
    assert set(Topic) == {"registration", "intel"}
