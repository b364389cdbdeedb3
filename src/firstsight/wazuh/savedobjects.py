"""Boards as files that OpenSearch Dashboards 2.19 imports (Wazuh 4.14's dashboard): saved objects, one a line.

Shapes of the objects: OpenSearch Dashboards, `src/core/server/saved_objects` and `src/plugins/vis_type_*`. An object
whose `migrationVersion` is newer than the server knows is refused, one without it passes all migrations: these name
the newest that 2.x has. The index pattern is Wazuh's own and only referenced: to bring one would overwrite the field
formats of the site.
"""

import json
from collections.abc import Iterator
from typing import Any

from firstsight.wazuh.boards import Board, Panel, Part, Shape

INDEX_PATTERN = "wazuh-alerts-*"
"""Id of the index pattern that every Wazuh dashboard has made."""

TIME = "timestamp"
"""Wazuh's time field."""

MIGRATIONS = {"visualization": "7.10.0", "search": "7.9.3", "dashboard": "7.9.3"}
"""Kind of object → `migrationVersion`."""

COLUMNS = 48
"""Width of a dashboard."""

_VERSION = "2.19.0"
_INDEX_REFERENCE = "kibanaSavedObjectMeta.searchSourceJSON.index"  # the name is the importer's

Json = dict[str, Any]


def render(board: Board) -> str:
    """A board's file: its panels, itself, and the count that ends an export; NDJSON."""
    panels = [_panel(board, panel) for panel in board.panels]
    end = {"exportedCount": len(panels) + 1, "missingRefCount": 0, "missingReferences": []}
    return "".join(f"{_text(line)}\n" for line in [*panels, _dashboard(board), end])


def _panel(board: Board, panel: Panel) -> Json:
    title = f"{board.title} | {panel.title}"
    only = f"{board.only} and {panel.only}" if panel.only else board.only
    source: Json = {
        "query": {"language": "kuery", "query": only},
        "filter": [],
        "indexRefName": _INDEX_REFERENCE,
    }
    attributes: Json = {"title": title, "description": "", "version": 1}
    if panel.shape is Shape.EVENTS:
        kind = "search"
        source |= {"highlightAll": True, "version": True}
        attributes |= {"hits": 0, "columns": [part.field for part in panel.parts], "sort": [[TIME, "desc"]]}
    else:
        kind = "visualization"
        attributes |= {"uiStateJSON": "{}", "visState": _text({"title": title, **_picture(panel)})}
    attributes["kibanaSavedObjectMeta"] = {"searchSourceJSON": _text(source)}
    return _object(kind, _id(board, panel), attributes, [_reference("index-pattern", INDEX_PATTERN, _INDEX_REFERENCE)])


def _dashboard(board: Board) -> Json:
    placed, references = [], []
    for number, (panel, x, y) in enumerate(_places(board.panels)):
        name = f"panel_{number}"
        kind = "search" if panel.shape is Shape.EVENTS else "visualization"
        references.append(_reference(kind, _id(board, panel), name))
        place = {"x": x, "y": y, "w": panel.width, "h": panel.height, "i": str(number)}
        placed.append(
            {
                "version": _VERSION,
                "gridData": place,
                "panelIndex": str(number),
                "embeddableConfig": {},
                "title": panel.title,
                "panelRefName": name,
            }
        )
    attributes: Json = {
        "title": board.title,
        "description": board.description,
        "hits": 0,
        "version": 1,
        "timeRestore": False,
        "optionsJSON": _text({"hidePanelTitles": False, "useMargins": True}),
        "panelsJSON": _text(placed),
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": _text({"query": {"language": "kuery", "query": ""}, "filter": []})
        },
    }
    return _object("dashboard", board.key, attributes, references)


def _places(panels: tuple[Panel, ...]) -> Iterator[tuple[Panel, int, int]]:
    """Each panel with the column and row of its corner: rows are filled from the left."""
    x = y = tallest = 0
    for panel in panels:
        if x + panel.width > COLUMNS:
            x, y, tallest = 0, y + tallest, 0
        yield panel, x, y
        x, tallest = x + panel.width, max(tallest, panel.height)


def _picture(panel: Panel) -> Json:
    """A visualization's type, its aggregations and its parameters."""
    match panel.shape:
        case Shape.NUMBER:
            return {"type": "metric", "aggs": [_measure(panel)], "params": _number_params()}
        case Shape.PIE:
            return {"type": "pie", "aggs": _divided(panel, ["segment"]), "params": _PIE}
        case Shape.BARS:
            return _bars("horizontal_bar", _divided(panel, ["segment", "group"]), upright=False)
        case Shape.OVER_TIME:
            [part] = panel.parts
            aggs = [_measure(panel), _histogram(), _terms(3, "group", part)]
            return _bars("histogram", aggs, upright=True)
        case Shape.TABLE:
            return {"type": "table", "aggs": _divided(panel, ["bucket"] * len(panel.parts)), "params": _TABLE}
        case Shape.EVENTS:
            raise AssertionError("a list of events is a saved search, no visualization")


def _divided(panel: Panel, schemas: list[str]) -> list[Json]:
    terms = [
        _terms(number, schema, part)
        for number, (schema, part) in enumerate(zip(schemas, panel.parts, strict=True), start=2)
    ]
    return [_measure(panel), *terms]


def _measure(panel: Panel) -> Json:
    """What is counted."""
    measure: Json = {"id": "1", "enabled": True, "schema": "metric"}
    if panel.distinct:
        return measure | {"type": "cardinality", "params": {"field": panel.distinct, "customLabel": panel.title}}
    label = panel.title if panel.shape is Shape.NUMBER else "Events"
    return measure | {"type": "count", "params": {"customLabel": label}}


def _terms(number: int, schema: str, part: Part) -> Json:
    params = {
        "field": part.field,
        "orderBy": "1",
        "order": "desc",
        "size": part.most,
        "otherBucket": False,
        "otherBucketLabel": "Other",
        "missingBucket": False,
        "missingBucketLabel": "Missing",
        "customLabel": part.label,
    }
    return {"id": str(number), "enabled": True, "type": "terms", "schema": schema, "params": params}


def _histogram() -> Json:
    params = {
        "field": TIME,
        "useNormalizedEsInterval": True,
        "scaleMetricValues": False,
        "interval": "auto",
        "drop_partials": False,
        "min_doc_count": 1,
        "extended_bounds": {},
        "customLabel": "Time",
    }
    return {"id": "2", "enabled": True, "type": "date_histogram", "schema": "segment", "params": params}


_PIE: Json = {
    "type": "pie",
    "addTooltip": True,
    "addLegend": True,
    "legendPosition": "right",
    "isDonut": True,
    "labels": {"show": True, "values": True, "last_level": True, "truncate": 100},
}

_TABLE: Json = {
    "perPage": 10,
    "showPartialRows": False,
    "showMetricsAtAllLevels": False,
    "showTotal": False,
    "totalFunc": "sum",
    "percentageCol": "",
}


def _number_params() -> Json:
    style = {"bgFill": "#000", "bgColor": False, "labelColor": False, "subText": "", "fontSize": 40}
    metric = {
        "percentageMode": False,
        "useRanges": False,
        "colorSchema": "Green to Red",
        "metricColorMode": "None",
        "colorsRange": [{"from": 0, "to": 10000}],
        "labels": {"show": True},
        "invertColors": False,
        "style": style,
    }
    return {"type": "metric", "addTooltip": True, "addLegend": False, "metric": metric}


def _bars(kind: str, aggs: list[Json], *, upright: bool) -> Json:
    """Stacked bars: upright over time, lying for names, which are long."""
    here, across = ("bottom", "left") if upright else ("left", "bottom")
    axis = {"id": "CategoryAxis-1", "type": "category", "position": here, "show": True, "scale": {"type": "linear"}}
    values = {"id": "ValueAxis-1", "name": "LeftAxis-1", "type": "value", "position": across, "show": True}
    series = {
        "show": True,
        "type": "histogram",
        "mode": "stacked",
        "data": {"id": "1", "label": "Events"},
        "valueAxis": "ValueAxis-1",
        "drawLinesBetweenPoints": True,
        "lineWidth": 2,
        "showCircles": True,
    }
    params: Json = {
        "type": "histogram",
        "grid": {"categoryLines": False},
        "categoryAxes": [
            axis | {"style": {}, "title": {}, "labels": {"show": True, "filter": not upright, "truncate": 200}}
        ],
        "valueAxes": [
            values
            | {
                "style": {},
                "scale": {"type": "linear", "mode": "normal"},
                "labels": {"show": True, "rotate": 0, "filter": False, "truncate": 100},
                "title": {"text": "Events"},
            }
        ],
        "seriesParams": [series],
        "addTooltip": True,
        "addLegend": True,
        "legendPosition": "right",
        "times": [],
        "addTimeMarker": False,
        "labels": {"show": False},
        "thresholdLine": {"show": False, "value": 10, "width": 1, "style": "full", "color": "#E7664C"},
    }
    return {"type": kind, "aggs": aggs, "params": params}


def _object(kind: str, name: str, attributes: Json, references: list[Json]) -> Json:
    migrations = {kind: MIGRATIONS[kind]}
    return {
        "type": kind,
        "id": name,
        "migrationVersion": migrations,
        "references": references,
        "attributes": attributes,
    }


def _reference(kind: str, name: str, role: str) -> Json:
    return {"type": kind, "id": name, "name": role}


def _id(board: Board, panel: Panel) -> str:
    return f"{board.key}-{panel.key}"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
