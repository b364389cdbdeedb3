"""What a source hands over: one DNS question of one endpoint.

These are msgspec Structs, not dataclasses: one is made for every event, and a frozen dataclass costs five times that.
"""

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct


class Status(StrEnum):
    """How the question ended. Only `ANSWERED` and `EXISTS` are sightings of the name."""

    ANSWERED = "answered"
    EXISTS = "exists"
    NXDOMAIN = "nxdomain"
    FAILED = "failed"


STATUS_BY_CODE = {
    "0": Status.ANSWERED,
    "9501": Status.EXISTS,  # DNS_INFO_NO_RECORDS
    "9701": Status.EXISTS,  # DNS_ERROR_RECORD_DOES_NOT_EXIST: no record of that type, but the name is there
    "9003": Status.NXDOMAIN,  # DNS_ERROR_RCODE_NAME_ERROR
    "9002": Status.FAILED,  # DNS_ERROR_RCODE_SERVER_FAILURE
    "9005": Status.FAILED,  # DNS_ERROR_RCODE_REFUSED
    "9502": Status.FAILED,  # DNS_ERROR_BAD_PACKET
    "1460": Status.FAILED,  # ERROR_TIMEOUT
    "1223": Status.FAILED,  # ERROR_CANCELLED
    "123": Status.FAILED,  # ERROR_INVALID_NAME
}
"""Status of the Win32 error codes that Windows' DNS client reports in Sysmon's QueryStatus (winerror.h)."""


def status_of(code: str | None, *, has_address: bool) -> Status:
    """Status of a Windows DNS error code.

    Args:
        code: the code as decimal digits, or None where the event carries none.
        has_address: whether the answers hold an IP address; decides where the code does not.
    """
    if code is None:
        return Status.ANSWERED if has_address else Status.EXISTS
    known = STATUS_BY_CODE.get(code)
    if known is not None:
        return known
    return Status.ANSWERED if has_address else Status.FAILED


class Agent(Struct, frozen=True, gc=False, cache_hash=True):
    """The endpoint that asked.

    Its history is kept by `manager` (Wazuh's cluster or manager name) and `name`: ids change on re-enrolment.
    `id` and `ip` are the latest ones and serve to answer on the agent's behalf.
    """

    manager: str
    name: str
    id: str = ""
    ip: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What the agent's history is kept by."""
        return (self.manager, self.name)


class Process(Struct, frozen=True, gc=False):
    """The process that asked; every field may be empty. `image` has single backslashes."""

    image: str = ""
    guid: str = ""
    id: str = ""
    user: str = ""


class Detail(Struct, frozen=True, gc=False):
    """Evidence that only news needs; decoded when it is asked for."""

    process: Process = Process()
    answers: tuple[str, ...] = ()


class Record(Struct, frozen=True, gc=False):
    """Where the event stood in the endpoint's own log: what duplicates are known by.

    Attributes:
        computer: the log's host name as written in the event.
        number: eventRecordID, above 0.
        written: systemTime, seconds since the epoch; to the second is enough.
    """

    computer: str
    number: int
    written: float


class DnsEvent(Struct, frozen=True, gc=False):
    """One question.

    Attributes:
        name: the name as the source gave it; None where no text stood there.
        time: when, seconds since the epoch UTC (the event's own time, or the manager's where that can't be).
        clock_skew: the event's own time was out of bounds and the manager's was taken.
        status: how it ended.
        agent: who asked.
        record: its place in the endpoint's log, None where there is none.
        event_id: the source's own id of the event (evidence; not unique), may be empty.
        detail: gives the evidence; cheap to carry, decoded on call.
    """

    name: str | None
    time: float
    status: Status
    agent: Agent
    record: Record | None = None
    event_id: str = ""
    computer: str = ""
    clock_skew: bool = False
    detail: Callable[[], Detail] = Detail


class Batch(Struct, frozen=True):
    """What one turn of a source brought: `lines == sum(skipped.values()) + len(events)`.

    Attributes:
        source: the source's name.
        lines: lines consumed.
        skipped: lines that hold no DNS event, by reason.
        events: the DNS events, in order.
        position: where to go on from after this batch; opaque to everybody but the source.
        node: the cluster's node that handed it over; empty: it was read here, or came by `POST /v1/events`.
    """

    source: str
    lines: int
    skipped: dict[str, int]
    events: list[DnsEvent]
    position: str
    node: str = ""
