from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from firstsight import compose
from firstsight.core.errors import StoreError
from firstsight.store.sqlite import SqliteStore
from firstsight.web import metrics
from running import asking, eventually, running, settings
from servers.registry import Registry, rate_limited
from wazuh_home import dns_alert, other_alert

Figures = dict[tuple[str, str], float]


def parsed(text: str) -> Figures:
    """Every sample by its name and label value."""
    return {
        (sample.name, "".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("metrics")
    alerts = folder / "alerts.json"
    names = ["kestrelvale.com", "www.kestrelvale.com", "www.microsoft.com", "printer", "a..b"]
    lines = [dns_alert(name, record=number) for number, name in enumerate(names, start=1)]
    lines += [lines[0], dns_alert("gone.com", record=9, eventdata={"queryStatus": "9003"}), other_alert(), b"{"]
    alerts.write_bytes(b"\n".join([*lines, b""]))
    with running(folder, sources=[{"path": alerts, "from": "start", "name": "manager"}]) as service:
        eventually(lambda: parsed(service.get("/metrics").body.decode())["firstsight_lines_total", ""] == len(lines))
        reply = service.get("/metrics")
        assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        yield reply.body.decode()


def test_figures(text: str) -> None:
    figures = parsed(text)

    assert figures["firstsight_lines_total", ""] == 9
    assert figures["firstsight_lines_skipped_total", "not_dns"] == 1
    assert figures["firstsight_lines_skipped_total", "bad_json"] == 1
    assert figures["firstsight_events_total", "seen"] == 3
    assert figures["firstsight_events_total", "nxdomain"] == 1
    assert figures["firstsight_events_total", "single_label"] == 1
    assert figures["firstsight_events_total", "invalid"] == 1
    assert figures["firstsight_events_total", "duplicate"] == 1
    assert figures["firstsight_held_back_total", "learning"] == 1
    assert figures["firstsight_held_back_total", "popular"] == 1
    assert figures["firstsight_agents", ""] == 1
    assert figures["firstsight_outbox", ""] == 0
    assert figures["firstsight_source_lag_bytes", "manager"] == 0
    assert figures["firstsight_ready", ""] == 1
    assert figures["firstsight_degraded", ""] == 1  # no way out is set


def test_every_line_is_accounted_for(text: str) -> None:
    figures = parsed(text)

    def total(name: str) -> float:
        return sum(value for (sample, _), value in figures.items() if sample == name)

    assert total("firstsight_lines_total") == total("firstsight_lines_skipped_total") + total("firstsight_events_total")


def test_every_metric_is_described_and_there(text: str) -> None:
    families = {family.name: family for family in text_string_to_metric_families(text)}

    assert {name.removesuffix("_total") for name in metrics.METRICS} == set(families)
    assert all(
        family.documentation == metrics.METRICS[name] for name, family in families.items() if family.type == "gauge"
    )
    assert "firstsight_lines_created" not in text


def test_registries_that_pause_are_told_and_few_of_them(tmp_path: Path) -> None:
    with Registry() as registry:
        registry.behaviour = rate_limited("600")
        with running(tmp_path, **asking(registry.url, "com")) as service:
            service.get("/v1/domains/kestrelvale.com?wait=10")
            figures = parsed(service.get("/metrics").body.decode())
            assert 0 < figures["firstsight_registry_pause_seconds", f"127.0.0.1:{registry.port}"] <= 600
            assert figures["firstsight_registrations_total", "rate_limited"] == 1
            assert figures["firstsight_questions", ""] == 1
            assert figures["firstsight_questions_oldest_seconds", ""] == 0, "it is not due"

            def many() -> None:
                for number in range(100):
                    service.parts.fresh._limits.refused(f"r{number}.test", "60")

            service.do(many)
            pauses = [name for name, _ in parsed(service.get("/metrics").body.decode()) if "pause" in name]
            assert len(pauses) == 50


def test_figures_do_without_the_store(tmp_path: Path) -> None:
    service = compose.service(settings(tmp_path))
    assert isinstance(service.store, SqliteStore)
    figures = metrics.registry(service)
    assert ("firstsight_lines_total", "") in parsed(metrics.text(figures).decode())

    service.store.database.connection.close()
    left = parsed(metrics.text(figures).decode())
    assert ("firstsight_lines_total", "") not in left
    assert left["firstsight_degraded", ""] == 2
    with suppress(StoreError):
        service.store.close()
