"""Settings in, whom to ask for ages out."""

from pathlib import Path
from typing import Any

import pytest

from alert_samples import AT, FakeClock
from firstsight.core.errors import InputError
from firstsight.lookups.offline import Offline
from firstsight.lookups.polite import Limits
from firstsight.lookups.renewal import Renewal
from firstsight.lookups.way_out import WayOut
from firstsight.ports import Registry
from firstsight.registries import registries
from firstsight.settings import Settings


def composed(tmp_path: Path, **told: Any) -> tuple[Registry, Renewal | None]:
    settings = Settings.model_validate({"data_dir": str(tmp_path), "registration": {"bootstrap": ""}, **told})
    clock = FakeClock(AT)
    return registries(settings, clock, Limits(clock), user_agent="t", way_out=WayOut, flights=4)


async def test_who_is_asked_is_what_the_settings_say(tmp_path: Path) -> None:
    alone, renewal = composed(tmp_path)
    assert (alone.server("example.jp"), renewal) == ("", None)
    whois, _ = composed(tmp_path, whois={"enabled": True, "servers": {"jp": "127.0.0.1:4343"}})
    assert whois.server("example.jp") == "127.0.0.1:4343"
    assert whois.server("example.kr") == "whois.kr:43"
    isc, _ = composed(tmp_path, isc={"enabled": True, "url": "http://127.0.0.1:1/age/"})
    assert isc.server("example.jp") == "127.0.0.1:1"
    for registry in (alone, whois, isc):
        await registry.close()


async def test_a_table_at_a_url_is_renewed(tmp_path: Path) -> None:
    registry, renewal = composed(tmp_path, registration={"bootstrap": "http://127.0.0.1:1/dns.json"})
    assert renewal is not None
    await registry.close()


def test_nobody_is_asked_where_nobody_may_be(tmp_path: Path) -> None:
    registry, renewal = composed(tmp_path, http={"offline": True}, whois={"enabled": True})
    assert isinstance(registry, Offline)
    assert renewal is None


def test_a_server_that_can_t_be_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="whois"):
        composed(tmp_path, whois={"enabled": True, "servers": {"jp": "whois.example:port"}})
