"""What is in deploy/ for Prometheus and Grafana asks for metrics that the service has, with labels that they have."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from firstsight.web.metrics import METRICS

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
RULES = DEPLOY / "prometheus" / "firstsight.rules.yml"
PROMETHEUS_OWN = {"up": "", "job": "", "instance": ""}
WORDS = {
    "absent", "and", "by", "group_left", "increase", "max", "min", "min_over_time", "on", "or", "rate", "sum",
    "time", "unless",
}  # fmt: skip


def dashboard() -> dict[str, Any]:
    described: dict[str, Any] = json.loads((DEPLOY / "grafana" / "firstsight.json").read_text("utf-8"))
    return described


def texts(key: str) -> list[str]:
    """Values of a key of the rule file; they are JSON strings."""
    return [json.loads(text) for text in re.findall(rf'^ +{key}: (".*")$', RULES.read_text("utf-8"), re.MULTILINE)]


def expressions() -> list[str]:
    return texts("expr") + [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]


def legends() -> list[tuple[str, str]]:
    return [(t["expr"], t["legendFormat"]) for panel in dashboard()["panels"] for t in panel["targets"]]


@pytest.mark.parametrize("expr", expressions())
def test_each_expression_is_about_metrics_and_labels_that_exist(expr: str) -> None:
    bare = re.sub(r'"[^"]*"|\[\w+\]|\$\w+', "", expr)
    names = set(re.findall(r"\b[a-z]\w*", bare)) - WORDS
    asked = {name for name in names if name in METRICS}

    assert asked or "up" in names
    assert names - asked - set(PROMETHEUS_OWN) <= {METRICS[name].by for name in asked}


@pytest.mark.parametrize(("expr", "legend"), legends())
def test_legends_name_labels_that_are_left(expr: str, legend: str) -> None:
    for label in re.findall(r"\{\{(\w+)\}\}", legend):
        kept = re.search(r"sum by \((\w+)\)", expr)
        if kept:
            assert label == kept[1]
        else:
            assert label in {"instance", *(METRICS[name].by for name in re.findall(r"firstsight_\w+", expr))}


def test_each_metric_is_on_the_dashboard() -> None:
    shown = set(re.findall(r"firstsight_\w+", json.dumps(dashboard()["panels"])))
    assert sorted(set(METRICS) - shown) == []


def test_the_dashboard_lays_its_panels_beside_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert max(x for x, _ in cells) < 24
        assert not cells & taken
        taken |= cells


def test_each_rule_says_what_is_and_what_to_do() -> None:
    names = re.findall(r"- alert: (\w+)", RULES.read_text("utf-8"))
    assert len(set(names)) == len(names) == len(texts("expr")) == len(texts("summary")) == len(texts("description"))
    assert set(re.findall(r"severity: (\w+)", RULES.read_text("utf-8"))) <= {"critical", "warning", "info"}


SCENES = """
rule_files: [{rules}]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {{series: 'up{{job="firstsight", instance="a"}}', values: '1x180'}}
      - {{series: 'firstsight_ready{{instance="a"}}', values: '1x60 0x120'}}
      - {{series: 'firstsight_lines_total{{instance="a"}}', values: '0+10x180'}}
      - {{series: 'firstsight_events_total{{instance="a", outcome="seen"}}', values: '0+10x30 300x150'}}
      - {{series: 'firstsight_outbox{{instance="a"}}', values: '0x60 3x120'}}
      - {{series: 'up{{job="firstsight", instance="b"}}', values: '1x60 0x120'}}
    alert_rule_test:
      - {{eval_time: 50m, alertname: FirstsightNotReady}}
      - {{eval_time: 50m, alertname: FirstsightNoEvents}}
      - {{eval_time: 50m, alertname: FirstsightAlertsWait}}
      - {{eval_time: 50m, alertname: FirstsightAbsent}}
      - eval_time: 170m
        alertname: FirstsightAbsent
        exp_alerts:
          - exp_labels: {{severity: critical, job: firstsight, instance: b}}
            exp_annotations: {annotations[Absent]}
      - eval_time: 170m
        alertname: FirstsightNotReady
        exp_alerts: [{{exp_labels: {{severity: critical, instance: a}}, exp_annotations: {annotations[NotReady]}}}]
      - eval_time: 170m
        alertname: FirstsightNoEvents
        exp_alerts: [{{exp_labels: {{severity: warning, instance: a}}, exp_annotations: {annotations[NoEvents]}}}]
      - eval_time: 170m
        alertname: FirstsightAlertsWait
        exp_alerts: [{{exp_labels: {{severity: critical, instance: a}}, exp_annotations: {annotations[AlertsWait]}}}]
"""


def test_the_rules_fire_where_they_should(tmp_path: Path) -> None:
    """By Prometheus' own judgement, where its tool is; their shape is tested above in any case."""
    promtool = shutil.which("promtool")
    if promtool is None:
        return
    names = re.findall(r"- alert: Firstsight(\w+)", RULES.read_text("utf-8"))
    filled = [text.replace("{{ $labels.instance }}", "a").replace("{{ $value }}", "3") for text in texts("summary")]
    annotations = {
        name: json.dumps({"summary": summary, "description": todo})
        for name, summary, todo in zip(names, filled, texts("description"), strict=True)
    }
    scenes = tmp_path / "scenes.yml"
    scenes.write_text(SCENES.format(rules=RULES, annotations=annotations), "utf-8")

    for command in (["check", "rules", str(RULES)], ["test", "rules", str(scenes)]):
        done = subprocess.run([promtool, *command], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
