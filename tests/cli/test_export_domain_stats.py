import json
from pathlib import Path
from typing import Any

import pytest

from firstsight import tables
from firstsight.cli.export_domain_stats import run
from firstsight.cli.import_domain_stats import run as take
from firstsight.core.errors import StoreError
from running import asking, command, process, running
from servers.domain_stats import DomainStats, item
from servers.registry import Answer, Registry


def exported(file: Path) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(file.read_text())
    return items


def test_a_domain_as_the_originals_import_reads_it(tmp_path: Path, config: Path) -> None:
    file = tmp_path / "out.json"
    with Registry() as registry, running(tmp_path, **asking(registry.url), compat={"wait": 10}) as service:
        registry.default = Answer("1995-08-04T04:00:00Z", "2028-09-14T04:00:00Z")
        registry.domains["ageless.com"] = Answer(registered=None)
        you = service.get("/www.kestrelvale.com").json()["seen_by_you"]
        service.get("/ageless.com")
        assert run(file, config) == 0, "the service runs meanwhile"

    assert exported(file) == [
        {
            "freq_score": list(tables.letter_pairs().scores("kestrelvale.com")),
            "seen_by_isc": "RDAP",
            "seen_by_web": "Fri, 04 Aug 1995 04:00:00 GMT",
            "expires": 1_852_516_800.0,
            "domain": "kestrelvale.com",
            "seen_by_you": you,
        }
    ]


def test_a_history_goes_out_and_comes_back_the_same(tmp_path: Path, config: Path) -> None:
    """More than a page; the second store learns from the file all that the first one was told."""
    file = tmp_path / "out.json"
    with DomainStats([item(f"kestrel-{number:04}.com") for number in range(1100)]) as old:
        take(old.url, config)
    run(file, config)
    there = exported(file)
    assert len({each["domain"] for each in there}) == 1100

    (tmp_path / "second").mkdir()
    second = f'data_dir = "{tmp_path}/second"\n[http]\noffline = true\n'
    (tmp_path / "second.toml").write_text(second)
    take(str(file), tmp_path / "second.toml")
    run(tmp_path / "back.json", tmp_path / "second.toml")

    assert exported(tmp_path / "back.json") == there
    with process(tmp_path, second) as service:
        assert service.client.get("/kestrel-0007.com").json()["seen_by_you"] == "Tue, 19 Oct 2021 20:59:08 GMT"


def test_without_a_store_nothing_is_written(tmp_path: Path, config: Path) -> None:
    with pytest.raises(StoreError, match="There is no store"):
        run(tmp_path / "out.json", config)
    assert [path.name for path in tmp_path.iterdir()] == ["firstsight.toml"]


def test_the_verb(tmp_path: Path, config: Path) -> None:
    with running(tmp_path) as service:
        service.get("/kestrelvale.com")
    done = command("export", "domain-stats", tmp_path / "out.json", "--config", config)

    assert (done.returncode, done.stderr) == (0, "")
    assert "0 domains are in " in done.stdout
    assert "1 whose age is not known" in done.stdout
    assert exported(tmp_path / "out.json") == []
