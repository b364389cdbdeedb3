"""What every test stands on. Being here also puts `tests/` on the path, for the helpers that tests share."""

import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings

from alert_samples import FakeClock
from dns_events import AT
from firstsight.core.errors import StoreError
from firstsight.store.sqlite import SqliteStore
from manager_queue import Manager
from pipeline import Pipeline

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

# No wall-clock assertion in a test: a slow machine is no failure.
settings.register_profile("firstsight", deadline=None)
settings.load_profile("firstsight")

# A developer's own settings must not steer the tests.
for variable in [name for name in os.environ if name.startswith("FIRSTSIGHT_") or name.upper().endswith("_PROXY")]:
    if variable not in {"FIRSTSIGHT_CORPUS", "FIRSTSIGHT_REQUIRE_ALL"}:
        del os.environ[variable]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings of a verb, or of a service that asks nobody outside."""
    path = tmp_path / "firstsight.toml"
    path.write_text(f'data_dir = "{tmp_path}/data"\n[http]\noffline = true\n')
    return path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """An empty store."""
    store = SqliteStore(tmp_path / "store.db", FakeClock(AT))
    yield store
    with suppress(StoreError):  # a test may have broken it
        store.close()


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipeline]:
    """A pipeline on a store of its own."""
    pipe = Pipeline(tmp_path / "store.db")
    yield pipe
    pipe.close()


@pytest.fixture
def manager() -> Iterator[Manager]:
    """A manager's queue that is not there yet."""
    with tempfile.TemporaryDirectory(prefix="fs") as directory:  # tmp_path may be too long for a socket
        manager = Manager(Path(directory) / "queue")
        yield manager
        manager.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test fails where everything must be there."""
    return _required((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """And so does a skipped module."""
    return _required((yield))


def _required(report: Report) -> Report:
    if os.environ.get("FIRSTSIGHT_REQUIRE_ALL") and report.skipped:
        report.longrepr = f"Skipped, and FIRSTSIGHT_REQUIRE_ALL is set: {report.longrepr}"
        report.outcome = "failed"
    return report
