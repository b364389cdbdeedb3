"""Makes what is imported elsewhere to see firstsight: dashboards for Wazuh and Grafana, alert rules for Prometheus.

`--check` says whether they are stale.
"""

import sys

from firstsight.wazuh.boards import BOARDS
from firstsight.wazuh.savedobjects import render
from generated import run
from monitoring.alerting import rule_file
from monitoring.grafana import dashboard

if __name__ == "__main__":
    made = {f"src/firstsight/wazuh/dashboards/{name}.ndjson": render(board) for name, board in BOARDS.items()}
    made["deploy/grafana/firstsight.json"] = dashboard()
    made["deploy/prometheus/firstsight.rules.yml"] = rule_file()
    sys.exit(run("dashboards and alert rules", made))
