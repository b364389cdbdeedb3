"""An alert or a notice as the one datagram that Wazuh 4.x's analysisd takes: `1:<escaped location>:<compact JSON>`.

The limits and traps below are those of `src/analysisd/cleanevent.c`, `decoders/plugins/json_decoder.c` and
`shared/string_op.c` at v4.14.7.
"""

import re
from collections.abc import Iterable

from firstsight.core.alerts import Alert
from firstsight.core.events import Agent
from firstsight.core.facts import Intel, Known, Registration
from firstsight.core.jsontext import json_text
from firstsight.core.notices import Notice, NoticeState
from firstsight.core.times import rfc3339
from firstsight.core.verdict import Reason

INTEGRATION = "firstsight"
"""The value of `integration`, the key of our own fields, and the end of every location."""

DATAGRAM_MAX = 60_000
"""Bytes. analysisd cuts at 65,535 without a word, and integratord skips lines in alerts.json beyond 65,536: they hold
the datagram's fields plus Wazuh's own and the description."""

Value = str | list[str]

# How much evidence is kept: (items of a list, characters of a text). The first step whose datagram fits is sent, so
# that answers go before texts. 4,000 characters are below the 32,766 bytes that an indexer takes as one keyword. A
# character is at most six bytes of JSON, hence the last step is below 20,000 bytes whatever the alert holds.
_STEPS = [(items, 4_000) for items in (1_000, 500, 200, 100, 50, 25, 12)] + [
    (12, 1_000),
    (12, 300),
    (12, 100),
    (4, 60),
]

_AGENT_ID = re.compile(r"[0-9]{1,10}")
_ADDRESS = re.compile(r"[0-9A-Za-z.:%/]{1,64}")
_NAME_BREAKERS = re.compile(r"[)\x00-\x1f\x7f]")
_NAME_MAX = 128  # Wazuh's own bound on an agent's name


def datagram(item: Alert | Notice, *, limit: int = DATAGRAM_MAX) -> bytes:
    """An alert, on behalf of the agent that asked; or a notice, on our own.

    Every value is a string or an array of strings (numbers would be printed as `%f`), and what is absent or empty is
    left out (null would become the text "null"). Only evidence is shortened, never the JSON.

    Args:
        item: the alert or the notice.
        limit: bytes; the shortest form is sent where none fits, which can only happen below 20,000.
    """
    if isinstance(item, Alert):
        fields, where = _fields(item), location(item.asked.agent)
    else:
        fields, where = _notice_fields(item), INTEGRATION
    # Nearly always nothing has to be shortened, nor may be misread (see `_literal` and `_cut`): the whole is shorter
    # than a text may be.
    message = _message(where, fields)
    if len(message) <= min(limit, _STEPS[0][1]) and not _traps(message):
        return message
    for items, characters in _STEPS:
        message = _message(where, {key: _shorten(value, items, characters) for key, value in fields.items()})
        if len(message) <= limit:
            break
    return message


def error_datagram(text: str) -> bytes:
    """Trouble of the service itself, for the error rule: an `error`, and no `domain`.

    Args:
        text: a sentence for the operator.
    """
    return _message(INTEGRATION, {"error": _shorten(text, 1, 1_000)})


def location(agent: Agent, program: str = INTEGRATION) -> str:
    """Where an event comes from, unescaped: `[id] (name) ip->firstsight`, or `firstsight` for the manager itself.

    analysisd takes id, name and address apart again, and an active response runs on the agent it finds. Only digits
    are an id; what isn't an address is `any`; characters that would end the name early become `_`.
    """
    if not _AGENT_ID.fullmatch(agent.id) or not agent.id.strip("0"):
        return program
    name = _NAME_BREAKERS.sub("_", (agent.name or agent.id)[:_NAME_MAX])
    address = agent.ip if _ADDRESS.fullmatch(agent.ip) else "any"
    return f"[{agent.id}] ({name}) {address}->{program}"


def addressed(where: str, body: bytes) -> bytes:
    """A datagram of an event from a location (see above): `1:<escaped location>:<body>`.

    A colon ends the location unless `|` stands before it. No blank before a JSON body: it would not be decoded.
    """
    escaped = where.replace("|", "||").replace(":", "|:")
    return f"1:{escaped}:".encode("utf-8", "replace") + body


def _fields(alert: Alert) -> dict[str, Value]:
    """The contract's fields in its order; empty ones are dropped."""
    verdict, asked, process = alert.verdict, alert.asked, alert.asked.process
    score = verdict.randomness.score
    fields: dict[str, Value | None] = {
        "query": verdict.name,
        "domain": verdict.domain,
        "reasons": [reason.code for reason in verdict.reasons],
        "severity": str(verdict.severity),
        "category": alert.category,
        "summary": alert.summary,
        "missing": list(verdict.missing),
    }
    if isinstance(verdict.registration, Known):
        fields |= _age(verdict.registration.value, alert.at)
    fields |= {
        "first_seen": rfc3339(verdict.seen.first),
        "agents": str(verdict.seen.agents),
        # The model's score only. Four decimals always: Wazuh's index sorts it as text.
        "random_score": None if score is None else f"{score:.4f}",
    }
    if isinstance(verdict.intel, Known):
        fields |= _indicator(verdict.intel.value)
    fields |= {
        "image": process.image,
        "user": process.user,
        "process_id": process.id,
        "process_guid": process.guid,
        "computer": asked.computer,
        "answers": list(asked.answers),
        "status": str(asked.status),
        "event_id": asked.event_id,
        "event_time": rfc3339(asked.time),
        "source": asked.source,
        "alert_id": alert.id,
        "follows": alert.follows,
        "nx_domains": _nx_domains(verdict.reasons),
    }
    return {key: value for key, value in fields.items() if value}


def _notice_fields(notice: Notice) -> dict[str, Value]:
    """A notice's: never a `domain`, and an `error` while it is trouble."""
    fields: dict[str, Value | None] = {
        "notice": notice.code,
        "state": str(notice.state),
        "subject": notice.subject,
        "summary": notice.summary,
        "error": notice.summary if notice.state is NoticeState.BEGAN else None,
        "since": rfc3339(notice.since),
        "event_time": rfc3339(notice.at),
        "times": str(notice.times) if notice.times > 1 else None,
        "notice_id": notice.id,
        **notice.details,
    }
    return {key: value for key, value in fields.items() if value}


def _age(registration: Registration, now: float) -> dict[str, Value | None]:
    return {
        "age_days": str(registration.age_days(now)),
        "registered": rfc3339(registration.registered),
        "registration_source": registration.source,
    }


def _indicator(intel: Intel) -> dict[str, Value | None]:
    return {"otx": intel.verdict, "otx_pulses": [pulse.name for pulse in intel.pulses]}


def _nx_domains(reasons: Iterable[Reason]) -> list[str]:
    """The domains of a burst; empty where there is none."""
    found = (reason.evidence.get("domains") for reason in reasons if reason.code == "nx_burst")
    return [domain for domains in found if isinstance(domains, list) for domain in domains]


def _shorten(value: Value, items: int, characters: int) -> Value:
    """A value within bounds; what is left out is said."""
    if isinstance(value, str):
        return _literal(_cut(value, characters))
    kept = [_cut(item, characters) for item in value[:items]]
    left_out = len(value) - len(kept)
    return [*kept, f"… and {left_out} more"] if left_out else kept


_traps = re.compile(rb':"\[|\\u0000').search


def _literal(text: str) -> str:
    """A text that stays a text: the decoder makes an array of one that begins with `[` and parses; a blank prevents it.

    Texts inside an array are safe: only whole fields are looked at.
    """
    return f" {text}" if text.startswith("[") else text


def _cut(text: str, characters: int) -> str:
    # The decoder's strings end at a NUL, and with them the evidence behind it.
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text if len(text) <= characters else text[: characters - 1] + "…"


def _message(where: str, fields: dict[str, Value]) -> bytes:
    return addressed(where, json_text({"integration": INTEGRATION, INTEGRATION: fields}))
