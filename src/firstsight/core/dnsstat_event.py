"""An alert as the event that Domain Stats' Wazuh script sends, for rules that a site has written for it.

The same bytes: location `dns_stats`, Python's JSON with blanks behind its separators, numbers as scores. Only what
can't be sent as it is differs: a location is escaped (the original's events of agents with an IPv6 address are lost).
"""

import json
from typing import Any

from firstsight.core.alerts import Alert
from firstsight.core.dnsstat import Dialect
from firstsight.core.events import Agent
from firstsight.core.notices import Notice, NoticeState
from firstsight.core.wazuh_event import DATAGRAM_MAX, addressed, location

INTEGRATION = "dnsstat"
"""The value of `integration`, and the key of the fields."""

_LOCATION = "dns_stats"
_MANAGER = Agent("", "")


def datagram(
    item: Alert | Notice,
    *,
    dialect: Dialect,
    limit: int = DATAGRAM_MAX,  # noqa: ARG001  # see below
) -> bytes | None:
    """An alert, on behalf of the agent that asked; or a trouble that began. None: the original says no such thing.

    `alerts` says `YOUR-FIRST-CONTACT` where the alert is of a first sight. It holds nothing of what the original
    does not know: an alert for another reason comes with what the original would have said of the domain.

    Args:
        item: the alert, or the notice.
        dialect: how records are written here.
        limit: bytes; these events stay far below any, so nothing of them is ever cut.
    """
    if isinstance(item, Notice):
        return error_datagram(item.summary) if item.state is NoticeState.BEGAN else None
    verdict = item.verdict
    seen = [time for time in (verdict.seen.first, verdict.seen.looked_up) if time is not None]
    record = dialect.record(
        verdict.randomness.freq,
        item.category,
        verdict.registration,
        min(seen, default=item.asked.time),
        first=any(reason.code == "first_seen" for reason in verdict.reasons),
    )
    return _message(item.asked.agent, {"query": verdict.name, **record})


def error_datagram(text: str) -> bytes:
    """Trouble of the service itself, for the rule of the original's `error`.

    Args:
        text: a sentence for the operator.
    """
    return _message(_MANAGER, {"error": text})


def _message(agent: Agent, fields: dict[str, Any]) -> bytes:
    body = json.dumps({INTEGRATION: fields, "integration": INTEGRATION})
    return addressed(location(agent, _LOCATION), body.encode())
