"""What docs/volume.md tells people to paste: it does what the page says, on lines as Wazuh writes them."""

import gzip
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from firstsight.wazuh.ruletable import BASE, rules
from wazuh_home import dns_alert

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "volume.md").read_text("utf-8")
[DROPPED] = re.findall(r"message: '(.*)'", PAGE)
[COUNT] = re.findall(r"LC_ALL=C awk '(.*?)'\n```", PAGE, re.DOTALL)


def line(rule: dict[str, Any], query: str = "www.example.com") -> str:
    """An alert as analysisd writes it: the time, then the rule."""
    alert = json.loads(dns_alert(query))
    rest = {key: value for key, value in alert.items() if key not in {"timestamp", "rule"}}
    return json.dumps({"timestamp": alert["timestamp"], "rule": rule, **rest}, separators=(",", ":"))


def rule(number: int, description: str = "Sysmon - Event 22: DNS query", level: int = 3) -> dict[str, Any]:
    return {"level": level, "description": description, "id": str(number), "firedtimes": 1, "groups": ["sysmon"]}


def dropped(text: str) -> bool:
    return re.search(DROPPED, text) is not None


def test_the_queries_of_our_rules_are_left_out_of_the_index() -> None:
    ours = [each for each in rules() if "firstsight_query" in each.groups]
    assert [each.id for each in ours] == [BASE + 2, BASE + 3]
    assert {each.level for each in ours} == {3}
    for each in ours:
        assert dropped(line(rule(each.id, 'DNS query a"b\\c by C:\\x}.exe')))


@pytest.mark.parametrize(
    "alert",
    [
        line(rule(BASE + 90, level=10)),
        line(rule(117_020)),
        line(rule(5710), query='x","rule":{"level":3,"description":"","id":"117002"'),
        line(rule(5710, 'x","id":"117002"')),
        line(rule(BASE + 2, level=10)),
    ],
)
def test_nothing_else_is(alert: str) -> None:
    assert not dropped(alert)


def test_a_sites_own_figures_are_counted(tmp_path: Path) -> None:
    """Three queries of two endpoints, and a line that is none."""
    lines = [dns_alert(f"{name}.example", system={"computer": f"pc{n}"}) for n, name in enumerate(["a", "b"])]
    lines += [lines[0], b'{"rule":{"id":"5710"}}']
    packed = tmp_path / "day.json.gz"
    packed.write_bytes(gzip.compress(b"\n".join(lines) + b"\n"))

    told = subprocess.run(
        ["sh", "-c", f"zcat {packed} | LC_ALL=C awk '{COUNT}'"], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()

    mean = sum(len(line) + 1 for line in lines[:3]) / 3
    assert told[:3] == ["Q", "1.5", "S"]
    assert float(told[3]) == pytest.approx(mean, abs=0.1)


def test_the_tables_follow_the_formula() -> None:
    [size] = [int(told.replace(",", "")) for told in re.findall(r"alerts\.json, S = ([\d,]+) ", PAGE)]
    rows = re.findall(r"^\| ([\d,]+) \| ([\d,]+) \| [\d,]+ \|$", PAGE, re.MULTILINE)
    assert len(rows) == 3
    for queries, told in rows:
        counted = 1000 * int(queries.replace(",", "")) * size
        assert int(told.replace(",", "")) == pytest.approx(counted, rel=0.001)
