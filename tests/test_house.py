"""What is true of every file here: it has its tests, one job and its page, and tells of no developer's machine."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer.core
import typer.main
from msgspec import msgpack
from pydantic import BaseModel

from firstsight import compose
from firstsight.cli.main import app
from firstsight.core.notices import NOTICES
from firstsight.core.reasons import IMPLEMENTED, REASONS
from firstsight.settings import Settings
from firstsight.web.metrics import METRICS
from firstsight.web.v1 import native

CHECKOUT = Path(__file__).resolve().parent.parent
SOURCE = CHECKOUT / "src" / "firstsight"
TESTS = CHECKOUT / "tests"
DOCS = CHECKOUT / "docs"

# Source files without a test file of their own: parts of something that is tested as a whole, there.
TESTED_ELSEWHERE = {
    **dict.fromkeys(
        [
            f"demo/{part}.py"
            for part in ("chance", "company", "otx", "player", "registry", "story", "sysmon", "traffic")
        ],
        "demo/test_scenario.py",
    ),
    **dict.fromkeys(
        [f"store/{part}.py" for part in ("domains", "firsts", "hosts", "pairs", "tallies", "texts")],
        "store/test_sightings.py",
    ),
    "store/carry.py": "store/test_sqlite.py",
    "store/queries.py": "store/test_sqlite.py",
    "settings/checks.py": "settings/test_model.py",
    "settings/outsiders.py": "settings/test_model.py",
    "settings/section.py": "settings/test_model.py",
    "settings/sign_on.py": "settings/test_model.py",
    "fetching.py": "test_compose.py",
    **dict.fromkeys(
        [f"cli/verbs_{group}.py" for group in ("exception", "lists", "service", "wazuh")], "cli/test_main.py"
    ),
    **dict.fromkeys([f"web/{part}.py" for part in ("alerts", "domains", "health", "problems")], "web/test_v1.py"),
    "store/alerts.py": "store/test_outbox.py",
    "store/trouble.py": "store/test_database.py",
    "wazuh/ruletable.py": "wazuh/test_rules.py",
    "store/machines.py": "access/test_machines.py",
    "store/people.py": "access/test_people.py",
    "cli/verbs_accounts.py": "cli/test_users.py",
    "cli/verbs_privacy.py": "cli/test_privacy_cli.py",
    "cli/options.py": "cli/test_main.py",
    "cli/takings.py": "cli/test_import_popular.py",
    "cli/known.py": "cli/test_check.py",
    "cli/downloads.py": "cli/test_import_popular.py",
    "entrance.py": "test_compose.py",
    "access/sign_on.py": "web/test_sign_on.py",
    "web/login_page.py": "web/test_login.py",
    "web/sessions.py": "web/test_login.py",
}
# And those that hold types only, with nothing to go wrong.
ONLY_TYPES = {
    "core/alerts.py", "core/case.py", "core/errors.py", "core/review.py", "ports/adapters.py", "ports/store.py",
    "ports/values.py", "ports/views.py",
    "ports/registers.py",
}  # fmt: skip

OURS = ("src", "tests", "tools", "docs", "bench", "deploy", ".ci")
NOT_OURS = {".git", ".tools", ".venv", ".cache", "demo-data", "dist", "__pycache__"}


def our_files() -> Iterator[Path]:
    """What is (or will be) tracked: everything in our folders, and the files beside them."""
    yield from (path for path in CHECKOUT.iterdir() if path.is_file() and path.name not in NOT_OURS)
    for folder in OURS:
        for path in (CHECKOUT / folder).rglob("*"):
            if path.is_file() and not NOT_OURS & set(path.relative_to(CHECKOUT).parts):
                yield path


def sources() -> list[str]:
    """Source files, as `core/names.py`."""
    return sorted(str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py") if path.read_text("utf-8").strip())


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


# -- source and tests ----------------------------------------------------------------------------------------


def test_each_source_file_has_its_tests() -> None:
    """Mirrored path, `test_<name>.py`; `test_<name>_….py` where the plain one is taken in another folder."""
    missing = []
    for source in sources():
        path = Path(source)
        if path.name == "__init__.py" or source in ONLY_TYPES:
            continue
        wanted = TESTS / TESTED_ELSEWHERE.get(source, path.with_name(f"test_{path.name}"))
        if not wanted.exists() and not list(wanted.parent.glob(f"{wanted.stem}_*.py")):
            missing.append(f"{source}: no {wanted.relative_to(CHECKOUT)}")
    assert missing == []


def test_what_is_excepted_is_there() -> None:
    assert sorted({*ONLY_TYPES, *TESTED_ELSEWHERE} - set(sources())) == []


def test_test_modules_have_names_of_their_own() -> None:
    names = [path.name for path in TESTS.rglob("test_*.py")]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []


def test_no_file_has_two_jobs() -> None:
    assert [source for source in sources() if len((SOURCE / source).read_text("utf-8").splitlines()) > 400] == []


def test_nothing_of_ours_is_mocked() -> None:
    mock = re.compile(r"\b(unittest\.mock|MagicMock|AsyncMock|pytest_mock|mocker)\b")
    found = [
        path.name for path in TESTS.rglob("*.py") if path != Path(__file__) and mock.search(path.read_text("utf-8"))
    ]
    assert found == []


# -- the reference pages -------------------------------------------------------------------------------------


def setting_keys(model: type[BaseModel], section: str = "") -> Iterator[str]:
    """Keys as the page writes them; those of a list of tables stand alone."""
    for name, field in model.model_fields.items():
        kinds = [kind for kind in (field.annotation, *get_args(field.annotation)) if isinstance(kind, type)]
        inner = next((kind for kind in kinds if issubclass(kind, BaseModel)), None)
        if inner is None:
            yield section + (field.alias or name)
        else:
            yield from setting_keys(inner, "" if get_args(field.annotation) else f"{name}.")


def test_each_setting_is_documented() -> None:
    text = page("settings.md")
    keys = list(setting_keys(Settings))
    assert {"registration.new_days", "from"} <= set(keys)
    assert [key for key in keys if f"| `{key}` |" not in text] == []


def verbs(command: object) -> Iterator[str]:
    if isinstance(command, typer.core.TyperGroup):
        for name, inner in command.commands.items():
            yield from (f"{name} {path}".strip() for path in verbs(inner))
    else:
        yield ""


def test_each_verb_is_documented() -> None:
    text = page("cli.md")
    found = list(verbs(typer.main.get_command(app)))
    assert "serve" in found
    assert [verb for verb in found if f"## `firstsight {verb}`" not in text] == []


def test_each_route_is_documented(tmp_path: Path) -> None:
    service = compose.service(Settings(data_dir=tmp_path / "data"))
    routes = [
        f"{method.upper()} {path}" for path, methods in native(service).openapi()["paths"].items() for method in methods
    ]
    service.store.close()
    assert "GET /v1/alerts" in routes
    assert [route for route in routes if f"`{route}`" not in page("api.md")] == []


def test_each_metric_is_documented() -> None:
    assert [name for name in METRICS if f"`{name}`" not in page("metrics.md")] == []


def test_each_reason_is_documented() -> None:
    text = page("reasons.md")
    assert [code for code in REASONS if f"| `{code}` |" not in text] == []
    assert [code for code in IMPLEMENTED if f"## `{code}`" not in text] == []


def test_each_notice_is_documented() -> None:
    assert [code for code in NOTICES if f"| `{code}` |" not in page("notices.md")] == []


# -- the written pages ---------------------------------------------------------------------------------------


def written() -> list[Path]:
    return [*CHECKOUT.glob("*.md"), *DOCS.rglob("*.md")]


def test_links_lead_somewhere() -> None:
    links = [
        (path, target)
        for path in written()
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8"))
        if "://" not in target
    ]
    assert [f"{path.name} → {target}" for path, target in links if not (path.parent / target).exists()] == []


def test_no_figure_that_was_not_measured() -> None:
    """Figures with a unit come from `make bench` alone, and there they would say so."""
    figure = re.compile(r"\d ?(ms|µs|ns|[kMG]i?B|events/s|requests/s|alerts/s)\b")
    assert [(path.name, hit.group()) for path in written() if (hit := figure.search(path.read_text("utf-8")))] == []


def test_decisions_are_short_and_numbered() -> None:
    files = sorted((DOCS / "decisions").glob("*.md"))
    assert len({path.name[:4] for path in files}) == len(files), "two have the same number"
    for path in files:
        lines = path.read_text("utf-8").splitlines()
        assert len(lines) <= 20, path.name
        assert lines[0].startswith(f"# {path.name[:4]} "), path.name


def test_the_changelog_has_a_place_for_what_comes() -> None:
    assert "## Unreleased" in (CHECKOUT / "CHANGELOG.md").read_text("utf-8").splitlines()


def test_each_control_names_the_tests_that_fail_without_it() -> None:
    """In the threat model: files that are there, and tests that are."""
    rows = re.findall(r"^\| (.+) \| (.+) \| (.+) \|$", page("security.md"), re.MULTILINE)[2:]
    sources = [path.read_text("utf-8") for path in TESTS.rglob("test_*.py")]
    known = {name for text in sources for name in re.findall(r"def (test_\w+)\(", text)}
    assert len(rows) >= 20
    for attack, _, proofs in rows:
        named = re.findall(r"`([^`]+)`", proofs)
        assert named, f"{attack}: no test"
        assert [name for name in named if name not in known and not (CHECKOUT / name).exists()] == [], attack
    everything = " ".join(proofs for _, _, proofs in rows)
    assert [name for name in PROMISED if f"`{name}`" not in everything] == []


PROMISED = (
    "test_session_fixation test_csrf test_clickjacking_and_scripts test_brute_force test_open_redirect "
    "test_nobody_is_told_whether_a_name_is_there test_a_name_that_nobody_has_costs_the_same_work "
    "test_no_secret_stands_in_an_address_or_the_log test_dns_rebinding_on_loopback"
).split()
"""What must always stand there."""


# -- what must not be here, and what must --------------------------------------------------------------------

MACHINE = re.compile(r"(?<![\w.~/:])/(?:home|Users|root|work)/\w")
# In pieces, so that this file does not hold what it looks for.
MIRROR = re.compile(r"index[-_]url|find[-_]links|tool\.uv\.index", re.IGNORECASE)


@pytest.mark.parametrize("what", [MACHINE, MIRROR], ids=["machine", "mirror"])
def test_nothing_tells_of_a_machine(what: re.Pattern[str]) -> None:
    found = []
    for path in our_files():
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1):
            if what.search(line):
                found.append(f"{path.relative_to(CHECKOUT)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_the_lock_names_one_registry() -> None:
    text = (CHECKOUT / "uv.lock").read_text("utf-8")
    assert set(re.findall(r'registry = "([^"]*)"', text)) == {"https://pypi.org/simple"}
    assert set(re.findall(r'url = "(https?://[^/"]*)', text)) == {"https://files.pythonhosted.org"}


_STRUCTURED: dict[str, Callable[[bytes], Any]] = {".json": json.loads, ".msgpack": msgpack.decode}


def test_each_shipped_table_names_its_source_and_date() -> None:
    tables = [path for path in (SOURCE / "data").iterdir() if path.suffix in {".json", ".msgpack", ".txt", ".csv"}]
    assert len(tables) >= 3
    for path in tables:
        if path.suffix in _STRUCTURED:
            table = _STRUCTURED[path.suffix](path.read_bytes())
            source, date = table["source"], table["made"]
        else:
            head = "".join(line for line in path.read_text("utf-8").splitlines()[:5] if line.startswith("#"))
            source, date = head.partition("Source:")[2], head
        assert source, path.name
        assert re.search(r"\b20\d\d-\d\d-\d\d\b", date), path.name
