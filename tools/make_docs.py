"""Makes the reference pages in docs/ out of what they describe; `--check` says whether they are stale."""

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import annotated_types
import typer.core
import typer.main
import typer.testing
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from firstsight import compose
from firstsight.cli.main import app
from firstsight.core.notices import NOTICES
from firstsight.core.reasons import IMPLEMENTED, REASONS
from firstsight.core.verdict import Severity
from firstsight.settings import Settings
from firstsight.web.metrics import METRICS
from firstsight.web.scopes import SCOPES
from firstsight.web.v1 import native
from generated import CHECKOUT, run

DOCS = CHECKOUT / "docs"

HELP_WIDTH = 100

SETTINGS = """One TOML file, named by `--config` or `FIRSTSIGHT_CONFIG`. Each key may also stand in the environment,
which wins. A key that is not listed here is refused, with its line. Keys marked “not yet” belong to the public
interface and take only their empty value in this version."""

CLI = """A mistake is one sentence on stderr and exit status 1; an option that can't be read is exit status 2."""

COUNTERS = """`GET /metrics` tells them in Prometheus' text form; from another machine with a [token](access.md) of
scope `read`. Counters are kept in the store and go on after a restart, but for those “since the start”. No label holds
a domain, an agent or a user, so the number of series stays small however large the site. While the store can't be read,
only what does not stand in it is told.

[deploy/prometheus/firstsight.rules.yml](../deploy/prometheus/firstsight.rules.yml) are alert rules worth having, each
with what to do; [deploy/grafana/firstsight.json](../deploy/grafana/firstsight.json) is a dashboard of all this. Both
are made by `make docs`. To have them scraped, on the machine itself:

```yaml
scrape_configs:
  - job_name: firstsight
    static_configs:
      - targets: ["127.0.0.1:5730"]
rule_files:
  - firstsight.rules.yml
```"""

VOCABULARY = """The codes are the public vocabulary: they stand in alerts, in the API and in the names of Wazuh groups.
“Alone” is the severity that a reason has by itself; `newly_registered` is high below seven days. How reasons add up
stands in [concepts](concepts.md)."""

NOTICES_TEXT = """What firstsight says of itself, through the same outboxes as alerts: at least once, in order with
them, into Wazuh's queue and the alert file. Notices are no alerts: they are not counted as such, and `/v1/alerts` does
not list them. What is amiss at this moment stands in `/readyz` under `degraded`, in the same sentences.

A trouble is told once when it begins and once when it is over, whatever restarts in between. It must last a while to
be told, and be gone for a while to be over: five minutes, doubled each time it has come back within a day. When a
source or an agent counts as silent is told in [concepts](concepts.md#notices).

**In Wazuh** a notice is an event of the manager: `data.firstsight.notice` is its code, `state` is `began`, `over` or
`once`, `summary` a sentence, `error` the same sentence while it is trouble that began, `subject` what it is about,
`since` when it began (or what it covers began), `event_time` when it was told, `times` how often it has begun within a
day (from two on), `notice_id` its id: the same one may come twice. It never has a `domain`. Further fields are listed
below.

**In the alert file** it is a line with the key `notice`, which no alert has:

```json
{"notice":"source_silent","notice_id":"9b23ad2769b0ca0da2d3","time":"2026-11-24T08:00:00Z","state":"began",
 "subject":"manager","since":"2026-11-24T08:00:00Z","times":1,"summary":"No DNS event has come from manager …",
 "details":{}}
```"""

NOTICE_FIELDS = (
    ("`agent_silent`", "`count`, and `names` of the agents (the first of them, where there are many)"),
    (
        "`access_changed`, `alerting_changed`, `login_locked`",
        (
            "`count` of entries of the trail, `deeds`: the first of them in words, `by`: whose they are, `origins`: "
            "addresses that asked. At most one of a kind in five minutes; what comes in between is told together"
        ),
    ),
    ("`learning_over`", "`domains_learnt`, `young`, `random_looking`, `one_agent`, and `report`: the file"),
    (
        "`digest`",
        (
            "`new_domains`, `alerts`, `alerts_<severity>`, `held_back_<cause>`, `marked_<state>`, `agents_silent`, "
            "`lines`, `lines_skipped`, `events`; and `troubles`: what is open, as code and subject"
        ),
    ),
)
"""Fields of a notice beside the common ones; `details` in the alert file."""

API = """The machine that firstsight runs on may ask everything; others need a [token](access.md) with one of the
scopes that stand at a route, as `Authorization: Bearer TOKEN`, or the session of a [person](access.md#people) whose
role has it; what changes something then needs the session's CSRF token, as `X-CSRF-Token` or as a form's `csrf`. A
request that names a foreign `Host`, or that another site's page makes a browser send, is refused; links to the pages
may be followed. Errors are `application/problem+json` (RFC 9457). Times are RFC 3339 in UTC."""

BESIDE_OPENAPI = {
    "GET /<domain>": "The answer of Domain Stats, for its clients as they are: [compatibility](compatibility.md).",
    "GET /stats": "Its counts of look-ups. Likewise `/cache_get`, `/cache_browse` and `/depuny`.",
    "GET /stats-reset": "Begins these counts anew. Needs the scope `admin`.",
    "GET /ui/": (
        "The pages: [dashboard](dashboard.md). To mark alerts, and to make, change or end exceptions, needs the scope "
        "`review`; the trail needs `admin`."
    ),
    "GET /login": "The page where [people](access.md#people) log in and out; open to everybody, like `POST /login`.",
    "GET /login/oidc": "Leads on to the [identity provider](single-sign-on.md); open to everybody, as is "
    "`/login/oidc/callback`, where it sends people back.",
    "POST /logout": "Ends the session, with `everywhere` all of its person.",
    "GET /docs": "The API's description as a page.",
    "GET /openapi.json": "The API's description for machines (OpenAPI 3.1).",
}
"""Beside the described routes; they need the scope `read`, where nothing else is said."""

_SUCCESS = "Successful Response"  # FastAPI's words; they say nothing

Row = tuple[str, ...]


def pages() -> dict[str, str]:
    """File name → its text."""
    return {
        "settings.md": _page("Settings", "settings", SETTINGS, *_settings()),
        "cli.md": _page("Command line", "cli/main.py", CLI, *_commands()),
        "metrics.md": _page("Metrics", "web/metrics.py", COUNTERS, _metrics()),
        "reasons.md": _page("Reasons", "core/reasons.py` and `docs/reasons.in.md", VOCABULARY, *_reasons()),
        "notices.md": _page("Notices", "core/notices.py", NOTICES_TEXT, *_notices()),
        "api.md": _page("HTTP API", "web/v1.py", API, *_routes(openapi())),
    }


def _settings() -> Iterator[str]:
    fields = Settings.model_fields
    plain = [_setting(name, name, field) for name, field in fields.items() if _section(field) is None]
    yield _settings_table(plain)
    for name, field in fields.items():
        section = _section(field)
        if section is None:
            continue
        yield f"## `[[{name}]]`" if get_origin(field.annotation) is list else f"## `[{name}]`"
        yield section.__doc__ or ""
        inner = [(field.alias or key, field) for key, field in section.model_fields.items()]
        if get_origin(field.annotation) is list:
            yield f"In the environment `FIRSTSIGHT_{name.upper()}` holds all of them: a JSON array of objects."
            yield _settings_table(_setting(key, "", field) for key, field in inner)
        else:
            yield _settings_table(_setting(f"{name}.{key}", f"{name}__{key}", field) for key, field in inner)


def _section(field: FieldInfo) -> type[BaseModel] | None:
    """The section a key holds, if it holds one."""
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _settings_table(rows: Iterable[Row]) -> str:
    return _table(("key", "type", "default", "environment", "meaning"), rows)


def _setting(key: str, variable: str, field: FieldInfo) -> Row:
    default = "needed" if field.is_required() else f"`{_toml(field.get_default(call_default_factory=True))}`"
    environment = f"`FIRSTSIGHT_{variable.upper()}`" if variable else ""
    return f"`{key}`", _type(field), default, environment, field.description or ""


def _toml(value: Any) -> str:
    return json.dumps(str(value) if isinstance(value, Path) else value)


def _type(field: FieldInfo) -> str:
    kind = field.annotation
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return " or ".join(f"`{_toml(value)}`" for value in kind)
    if get_origin(kind) is Literal:
        return " or ".join(f"`{_toml(value)}`" for value in get_args(kind))
    words = {
        "str": "text",
        "Duration": "span",
        "TimeOfDay": "time of day",
        "Path": "path",
        "int": "whole number",
        "float": "number",
        "bool": "true or false",
        "list": "list of texts",
        "dict": "table of texts",
    }
    text = [words[getattr(kind, "__name__", "")]]
    for bound in field.metadata:
        match bound:
            case annotated_types.Gt(gt=least):
                text.append(f"above {least}")
            case annotated_types.Ge(ge=least):
                text.append(f"at least {least}")
            case annotated_types.Le(le=most):
                text.append(f"at most {most}")
    return ", ".join(text)


def _commands() -> Iterator[str]:
    runner = typer.testing.CliRunner()
    for path in [(), *_verbs(typer.main.get_command(app))]:
        told = runner.invoke(app, [*path, "--help"], prog_name="firstsight", terminal_width=HELP_WIDTH, color=False)
        yield f"## `{' '.join(('firstsight', *path))}`"
        yield "\n".join(["```", *(line.rstrip() for line in told.output.strip().splitlines()), "```"])


def _verbs(command: Any) -> Iterator[tuple[str, ...]]:
    """The words behind `firstsight` that do something, such as ("import", "popular")."""
    if isinstance(command, typer.core.TyperGroup):
        for name, inner in command.commands.items():
            yield from ((name, *path) for path in _verbs(inner))
    else:
        yield ()


def _metrics() -> str:
    rows = []
    for name, figure in METRICS.items():
        values = figure.values if isinstance(figure.values, str) else ", ".join(f"`{value}`" for value in figure.values)
        label = f"`{figure.by}`: {values}" if figure.by else ""
        rows.append((f"`{name}`", "counter" if name.endswith("_total") else "gauge", label, figure.meaning))
    return _table(("metric", "type", "label, and its values", "meaning"), rows)


def _reasons() -> Iterator[str]:
    rows = []
    for kind in REASONS.values():
        alone = "never alerts" if kind.alone is Severity.NONE else str(kind.alone)
        here = "yes" if kind.code in IMPLEMENTED else "not yet"
        rows.append((f"`{kind.code}`", alone, ", ".join(kind.attack), kind.meaning, here))
    yield _table(("code", "alone", "ATT&CK", "meaning", "in this version"), rows)
    written = (DOCS / "reasons.in.md").read_text("utf-8").split("\n## ")[1:]
    advice = {title: text.strip() for title, _, text in (part.partition("\n") for part in written)}
    for code in IMPLEMENTED:
        yield f"## `{code}`"
        yield advice[code]


def _notices() -> Iterator[str]:
    yield _table(
        ("notice", "level", "told", "meaning", "what to do"),
        (
            (f"`{kind.code}`", str(kind.level), "each way" if kind.two_sided else "once", kind.meaning, kind.todo)
            for kind in NOTICES.values()
        ),
    )
    yield "The level is that of the Wazuh rule while trouble begins; the end of it is level 3."
    yield _table(("notice", "further fields"), NOTICE_FIELDS)


def openapi() -> dict[str, Any]:
    """The description that a real service gives of itself."""
    with tempfile.TemporaryDirectory() as folder:
        service = compose.service(Settings(data_dir=Path(folder) / "data"))
        try:
            return native(service).openapi()
        finally:
            service.store.close()


def _routes(described: dict[str, Any]) -> Iterator[str]:
    operations = [
        (f"{method.upper()} {path}", operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    answers = [
        {code: a["description"] for code, a in operation["responses"].items() if a["description"] != _SUCCESS}
        for _, operation in operations
    ]
    guarded = [set(answer.items()) for (route, _), answer in zip(operations, answers, strict=True) if SCOPES[route]]
    common = dict(set.intersection(*guarded))
    yield _table(("every route that needs a scope may answer", "when"), sorted(common.items()))
    yield _table(
        ("beside the routes below, with scope `read`", "answer"),
        [(f"`{route}`", what) for route, what in BESIDE_OPENAPI.items()],
    )
    for (route, operation), answer in zip(operations, answers, strict=True):
        yield f"## `{route}`"
        own = [f"{code}: {what}." for code, what in answer.items() if code not in common]
        yield " ".join([f"{operation['summary']}.", *own, f"Scope: {_scopes(route)}."])
        rows = [_parameter(parameter, parameter["in"]) for parameter in operation.get("parameters", [])]
        body, schemas = operation.get("requestBody", {}), described["components"]["schemas"]
        for kind, content in body.get("content", {}).items():
            if "$ref" in content["schema"]:
                rows += _body(content["schema"], schemas, "")
            else:
                rows.append(("the body", "body", f"`{kind}`", "", body["description"]))
        if rows:
            yield _table(("parameter", "in", "value", "default", "meaning"), rows)
        if told := list(_told(operation["responses"].get("200", {}), schemas)):
            yield _table(("answer", "value", "meaning"), told)


def _told(answer: dict[str, Any], schemas: dict[str, Any]) -> Iterator[Row]:
    """Rows of those keys of a JSON answer that say what they mean."""
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    model = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else {}
    for key, value in model.get("properties", {}).items():
        if "description" in value:
            yield f"`{key}`", _value(value), value["description"]


def _scopes(route: str) -> str:
    return " or ".join(f"`{scope}`" for scope in sorted(SCOPES[route])) or "none needed"


def _body(schema: dict[str, Any], schemas: dict[str, Any], inside: str) -> Iterator[Row]:
    """Rows of a body's keys, those of objects in it too: `events[].agent.name`."""
    for key, value in schemas[schema["$ref"].rpartition("/")[2]]["properties"].items():
        items = value.get("items", {})
        if "$ref" in items:
            yield f"`{inside}{key}`", "body", "array, " + _bounds(value), "", ""
            yield from _body(items, schemas, f"{inside}{key}[].")
        elif "$ref" in value:
            yield from _body(value, schemas, f"{inside}{key}.")
        else:
            yield _parameter({"name": inside + key, "schema": value}, "body")


def _bounds(schema: dict[str, Any]) -> str:
    return f"{schema.get('minItems', 0)} to {schema['maxItems']}"


def _parameter(parameter: dict[str, Any], place: str) -> Row:
    schema = parameter["schema"]
    default = f"`{json.dumps(schema['default'])}`" if "default" in schema else ""
    meaning = parameter.get("description") or schema.get("description") or ""
    return f"`{parameter['name']}`", place, _value(schema), default, meaning


def _value(schema: dict[str, Any]) -> str:
    """A JSON schema in a few words: its type, its choices, its bounds."""
    if "anyOf" in schema:
        return " or ".join(_value(kind) for kind in schema["anyOf"] if kind.get("type") != "null")
    if "enum" in schema:
        return ", ".join(f"`{choice}`" for choice in schema["enum"])
    text = str(schema["type"])
    if text == "array":
        text = f"array of {_value(schema['items'])}"
    if "minimum" in schema and "maximum" in schema:
        text += f", {schema['minimum']} to {schema['maximum']}"
    if "maxItems" in schema:
        text += f", {_bounds(schema)}"
    return f"text like `{schema['pattern']}`" if "pattern" in schema else text


def _table(titles: Row, rows: Iterable[Row]) -> str:
    lines = [titles, tuple("---" for _ in titles), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _page(title: str, source: str, *parts: str) -> str:
    made = f"Made by `make docs` out of `src/firstsight/{source}`; change it there, not here."
    return "\n\n".join([f"# {title}", made, *parts]) + "\n"


if __name__ == "__main__":
    sys.exit(run("the reference pages", {f"docs/{name}": text for name, text in pages().items()}))
