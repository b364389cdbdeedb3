from pathlib import Path

import pytest

from firstsight.wazuh.doctor.findings import State
from firstsight.wazuh.doctor.response import active_response
from firstsight.wazuh.setup.manager import find
from firstsight.wazuh.setup.ossec_conf import with_block
from manager_home import OSSEC_CONF, ManagerHome

CALLED = with_block(OSSEC_CONF, response=True)


@pytest.mark.parametrize(
    ("conf", "state", "said"),
    [
        (OSSEC_CONF, State.NOTE, "Not configured"),
        (CALLED, State.OK, "Rules of the group `firstsight_alert,` call firstsight-otx, firstsight-otx-windows."),
        (CALLED.replace("firstsight_alert,", "sysmon,"), State.NOTE, "Rules of the group `sysmon,` call"),
        (CALLED.replace("<rules_group>firstsight_alert,</rules_group>", ""), State.NOTE, "Rules of any group call"),
        (CALLED.replace("<command>firstsight-otx<", "<command>own<"), State.NOTE, "call firstsight-otx-windows. Meant"),
    ],
)
def test_whether_alerts_call_it(tmp_path: Path, conf: str, state: State, said: str) -> None:
    finding = active_response(find(ManagerHome(tmp_path, conf=conf).path))
    assert finding.state is state
    assert said in finding.text
    assert bool(finding.mend) is (state is State.NOTE)
