"""Do alerts call the endpoints' active response?"""

from firstsight.wazuh.active_response.parts import COMMANDS, GROUP
from firstsight.wazuh.doctor.findings import Finding, State
from firstsight.wazuh.setup.manager import Manager
from firstsight.wazuh.setup.ossec_conf import called_responses

_WHAT = "active response"
_PAGE = "docs/active-response.md says what it is for"


def active_response(manager: Manager) -> Finding:
    """Look at what ossec.conf says of it; it is a choice, so nothing here is wrong."""
    called = called_responses(manager.conf())
    if not called:
        text = "Not configured: endpoints don't ask threat intelligence; the service does so by itself."
        return Finding(_WHAT, State.NOTE, text, f"firstsight wazuh install --with-agents DIR; {_PAGE}")
    names, groups = ", ".join(sorted(called)), sorted({group for groups in called.values() for group in groups})
    text = (
        f"Rules of the group `{'`, `'.join(groups)}` call {names}." if groups else f"Rules of any group call {names}."
    )
    if groups != [GROUP] or called.keys() != COMMANDS.keys():
        text = f"{text} Meant are those of `{GROUP}`, and {', '.join(sorted(COMMANDS))}."
        return Finding(_WHAT, State.NOTE, text, _PAGE)
    return Finding(_WHAT, State.OK, text)
