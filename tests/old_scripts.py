"""What Domain Stats' clients make of an answer: written here, after what they do with its text.

Both break as the originals do where an answer is not as they expect it: IndexError, KeyError, ValueError.
"""

import json
import re
from dataclasses import dataclass

_PAIR = re.compile(r"\[[0-9.]+, ?[0-9.]+\]")


@dataclass(frozen=True)
class ZeekRecord:
    """A line of its log."""

    alerts: list[str]
    category: str
    average: str
    word: str
    isc: str
    web: str
    you: str


def zeek(text: str) -> ZeekRecord:
    """The Zeek script: no JSON, it cuts the text where the keys stand."""

    def between(start: str, end: str) -> str:
        return text.split(end, 1)[0].split(start)[1]

    alerts = re.sub(r'["\[\]]', "", text.split(',"category', 1)[0]).split("alerts:")[1].split(",")
    scores = between('freq_score":', ',"seen_by_isc')
    average, word = scores[1:-1].split(",") if _PAIR.fullmatch(scores) else (scores, scores)
    return ZeekRecord(
        alerts,
        between('category":"', '","freq'),
        average,
        word,
        between('seen_by_isc":"', '","seen_by_web'),
        between('by_web":"', '","seen_by_you'),
        text.split('seen_by_you":"')[1].split('"', 1)[0],
    )


def wazuh(text: str, query: str, agent: tuple[str, str, str] = ("001", "WIN10", "10.0.0.5")) -> bytes | None:
    """The Wazuh integration: the datagram that it sends for an answer, or None.

    Args:
        text: the answer.
        query: the name that an endpoint asked for.
        agent: that endpoint's id, name and address.
    """
    answer = json.loads(text)
    told = {"query": query} | {
        key: answer[key] for key in ("alerts", "category", "freq_score", "seen_by_isc", "seen_by_web", "seen_by_you")
    }
    if (not answer["alerts"] or answer["category"] == "ERROR") and answer["category"] != "NEW":
        return None
    number, name, address = agent
    body = json.dumps({"dnsstat": told, "integration": "dnsstat"})
    return f"1:[{number}] ({name}) {address}->dns_stats:{body}".encode()
