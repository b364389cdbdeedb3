"""What OpenSearch Dashboards 2.19 wants of a file that it imports, without one at hand."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from firstsight.wazuh.boards import BOARDS, Board
from firstsight.wazuh.savedobjects import COLUMNS, render

CHECKOUT = Path(__file__).resolve().parents[2]
NEWEST = {"visualization": "7.10.0", "search": "7.9.3", "dashboard": "7.9.3"}
"""The newest migrations that the server knows; an object that names a newer one is refused."""
COUNTING = {"count", "cardinality", "terms", "date_histogram"}
"""Aggregations that take keywords (and dates); a sum or a range takes none."""

boards = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)


def lines(board: Board) -> list[dict[str, Any]]:
    return [json.loads(line) for line in render(board).splitlines()]


def objects(board: Board) -> list[dict[str, Any]]:
    return lines(board)[:-1]


@boards
def test_each_object_has_an_id_of_its_own_and_a_known_migration(board: Board) -> None:
    for thing in objects(board):
        assert thing["migrationVersion"] == {thing["type"]: NEWEST[thing["type"]]}
        assert set(thing) == {"type", "id", "migrationVersion", "references", "attributes"}
    ids = [(thing["type"], thing["id"]) for every in BOARDS.values() for thing in objects(every)]
    assert len(set(ids)) == len(ids)


@boards
def test_the_index_pattern_is_referenced_and_not_brought_along(board: Board) -> None:
    for thing in objects(board):
        assert thing["type"] != "index-pattern"
        if thing["type"] == "dashboard":
            continue
        [reference] = thing["references"]
        source = json.loads(thing["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
        assert (reference["type"], reference["id"]) == ("index-pattern", "wazuh-alerts-*")
        assert reference["name"] == source["indexRefName"]
        assert "index" not in source


@boards
def test_the_dashboard_holds_every_panel_once(board: Board) -> None:
    *panels, dashboard = objects(board)
    placed = json.loads(dashboard["attributes"]["panelsJSON"])
    references = {reference["name"]: reference for reference in dashboard["references"]}

    assert [references[panel["panelRefName"]]["id"] for panel in placed] == [panel["id"] for panel in panels]
    assert [references[panel["panelRefName"]]["type"] for panel in placed] == [panel["type"] for panel in panels]
    assert len(references) == len(panels)
    assert all(panel["panelIndex"] == panel["gridData"]["i"] for panel in placed)


@boards
def test_no_two_panels_lie_over_each_other(board: Board) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(objects(board)[-1]["attributes"]["panelsJSON"]):
        place = panel["gridData"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < COLUMNS
        assert not cells & taken
        taken |= cells


@boards
def test_pictures_count_and_refer_to_what_they_hold(board: Board) -> None:
    pictures = [json.loads(thing["attributes"]["visState"]) for thing in objects(board) if "visState" in str(thing)]
    assert len(pictures) > 4
    for picture in pictures:
        aggregations = {each["id"]: each for each in picture["aggs"]}
        assert len(aggregations) == len(picture["aggs"])
        assert {each["type"] for each in picture["aggs"]} <= COUNTING
        for each in picture["aggs"]:
            if each["type"] == "terms":
                assert aggregations[each["params"]["orderBy"]]["schema"] == "metric"
            if each["type"] == "date_histogram":
                assert each["params"]["field"] == "timestamp"
        for series in picture["params"].get("seriesParams", ()):
            assert series["data"]["id"] in aggregations
            assert series["valueAxis"] in {axis["id"] for axis in picture["params"]["valueAxes"]}


@boards
def test_lists_are_sorted_by_time(board: Board) -> None:
    lists = [thing["attributes"] for thing in objects(board) if thing["type"] == "search"]
    assert lists
    assert all(each["sort"] == [["timestamp", "desc"]] and each["columns"] for each in lists)


@boards
def test_the_last_line_counts_the_others(board: Board) -> None:
    assert lines(board)[-1] == {
        "exportedCount": len(objects(board)),
        "missingRefCount": 0,
        "missingReferences": [],
    }


def test_the_shipped_files_are_current() -> None:
    folder = CHECKOUT / "src" / "firstsight" / "wazuh" / "dashboards"
    assert {path.name: path.read_text("utf-8") for path in folder.iterdir()} == {
        f"{name}.ndjson": render(board) for name, board in BOARDS.items()
    }


def test_the_tool_sees_a_stale_file_and_writes_it_anew(tmp_path: Path) -> None:
    def make(*arguments: str | Path) -> int:
        command = [sys.executable, CHECKOUT / "tools" / "make_dashboards.py", "--into", tmp_path, *arguments]
        return subprocess.run(command, check=False, capture_output=True, timeout=60).returncode

    made = tmp_path / "deploy" / "grafana" / "firstsight.json"
    assert make("--check") == 1
    assert not made.exists()
    assert make() == 0
    assert make("--check") == 0
    made.write_text("edited by hand", "utf-8")
    assert make("--check") == 1
