"""DNS events and batches for tests, as a source would hand them over."""

from collections.abc import Sequence
from typing import Any

from firstsight import tables
from firstsight.core.events import Agent, Batch, Detail, DnsEvent, Process, Record, Status
from firstsight.core.names import Name

AT = 1_795_500_000.0  # 2026-11-24T06:00:00Z
DAY = 86_400

WIN10 = Agent("wazuh-1", "WIN10", "001", "10.0.0.5")
WIN11 = Agent("wazuh-1", "WIN11", "002", "10.0.0.6")

parse = tables.name_parser([]).parse


def make_agent(number: int) -> Agent:
    """One of as many agents as wanted."""
    return Agent("wazuh-1", f"WS{number:03d}", f"{number:03d}", f"10.0.1.{number % 250}")


def make_event(
    name: str | None,
    *,
    at: float = AT,
    agent: Agent = WIN10,
    status: Status = Status.ANSWERED,
    record: int = 0,
    written: float | None = None,
    image: str = r"C:\Program Files\Browser\browser.exe",
    computer: str = "",
    **more: Any,
) -> DnsEvent:
    """One question.

    Args:
        name: the name asked for.
        at: event time, seconds since the epoch.
        agent: who asked.
        status: how it ended.
        record: its number in the endpoint's log; 0 = none.
        written: when that record was written; `at` where it is None.
        image: the program that asked.
        computer: whose log it is; the agent's own where it is empty.
        **more: further fields of DnsEvent.
    """
    computer = computer or f"{agent.name}.corp.example"
    return DnsEvent(
        name=name,
        time=at,
        status=status,
        agent=agent,
        record=Record(computer, record, at if written is None else written) if record else None,
        event_id=str(record) if record else f"{at}.{name}",
        computer=computer,
        detail=lambda: Detail(Process(image, "{5770385f}", "2412", r"CORP\alice"), ("192.0.2.7",)),
        **more,
    )


def make_batch(events: Sequence[DnsEvent], position: str = "1", *, source: str = "wazuh", **skipped: int) -> Batch:
    """A turn's worth; `skipped` counts lines that hold no event, by reason."""
    return Batch(source, len(events) + sum(skipped.values()), dict(skipped), list(events), position)


def parse_all(raw: Sequence[str | None]) -> list[Name]:
    """What the pipeline hands to the store beside a batch."""
    return [parse(name) for name in raw]


def names_of(batch: Batch) -> list[Name]:
    """The names in a batch."""
    return parse_all([event.name for event in batch.events])
