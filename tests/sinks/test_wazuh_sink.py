import os
import pwd
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from alert_samples import AT, FakeClock, make_alert
from firstsight.core import dnsstat_event
from firstsight.core.alerts import Alert
from firstsight.core.dnsstat import Dialect
from firstsight.core.events import Agent
from firstsight.core.facts import Known, Registration
from firstsight.core.notices import NoticeState, make_notice
from firstsight.core.wazuh_event import datagram
from firstsight.sinks.wazuh import WazuhQueue
from manager_queue import Manager


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def queue(manager: Manager, clock: FakeClock) -> Iterator[WazuhQueue]:
    queue = WazuhQueue(manager.path, clock)
    yield queue
    queue.close()


def alerts(count: int) -> list[Alert]:
    return [make_alert(number=number) for number in range(count)]


def test_alerts_arrive_whole_and_in_order(manager: Manager, queue: WazuhQueue) -> None:
    manager.start()

    assert queue.send(alerts(5)) == 5
    assert manager.read() == [datagram(alert) for alert in alerts(5)]
    assert queue.trouble() is None
    assert queue.name == "wazuh"


def test_notices_go_the_same_way(manager: Manager, queue: WazuhQueue) -> None:
    manager.start()
    notice = make_notice("digest", NoticeState.ONCE, "", "A day.", at=AT, since=AT)

    assert queue.send([*alerts(1), notice]) == 2
    assert manager.read() == [datagram(make_alert(number=0)), datagram(notice)]


def test_the_largest_alert_passes(manager: Manager, queue: WazuhQueue) -> None:
    manager.start()
    alert = make_alert(answers=tuple("x" * 50 for _ in range(20_000)))

    assert queue.send([alert]) == 1
    assert manager.read() == [datagram(alert)]


def test_nothing_to_send_touches_nothing(queue: WazuhQueue) -> None:
    assert queue.send([]) == 0
    assert queue.trouble() is None


def test_a_missing_socket_is_trouble_until_it_is_there(manager: Manager, queue: WazuhQueue, clock: FakeClock) -> None:
    assert queue.send(alerts(2)) == 0
    trouble = queue.trouble()
    assert trouble
    assert str(manager.path) in trouble
    assert "is wazuh-manager running" in trouble

    manager.start()
    assert queue.send(alerts(2)) == 0, "too early to try again"
    clock.at += 0.05
    assert queue.send(alerts(2)) == 2
    assert queue.trouble() is None
    assert len(manager.read()) == 2


def test_a_restarted_manager_loses_nothing(manager: Manager, queue: WazuhQueue, clock: FakeClock) -> None:
    manager.start()
    assert queue.send(alerts(1)) == 1
    manager.read()

    manager.stop()
    assert queue.send(alerts(3)) == 0
    assert "nobody listens" in (queue.trouble() or "")

    manager.start()
    clock.at += 0.05
    assert queue.send(alerts(3)) == 3
    assert manager.read() == [datagram(alert) for alert in alerts(3)]
    assert queue.trouble() is None


def test_failures_wait_longer_each_time(manager: Manager, queue: WazuhQueue, clock: FakeClock) -> None:
    queue.send(alerts(1))
    clock.at += 0.05
    queue.send(alerts(1))
    manager.start()

    clock.at += 0.09
    assert queue.send(alerts(1)) == 0
    clock.at += 0.02
    assert queue.send(alerts(1)) == 1


def test_a_full_queue_takes_what_fits_and_goes_on_where_it_stopped(
    manager: Manager, queue: WazuhQueue, clock: FakeClock
) -> None:
    manager.start()
    waiting = alerts(2_000)

    first = queue.send(waiting)
    assert 0 < first < len(waiting)
    assert queue.trouble() is None, "a full queue is everyday life"
    assert queue.send(waiting[first:]) == 0

    received = manager.read()
    assert queue.send(waiting[first : first + 1]) == 0, "the pause is not over"
    clock.at += 0.021
    assert queue.send(waiting[first : first + 1]) == 1
    received += manager.read()
    assert received == [datagram(alert) for alert in waiting[: first + 1]]


def test_a_queue_full_for_long_is_trouble(manager: Manager, queue: WazuhQueue, clock: FakeClock) -> None:
    manager.start()
    waiting = alerts(2_000)
    first = queue.send(waiting)

    clock.at += 29
    assert queue.send(waiting[first:]) == 0
    assert queue.trouble() is None
    clock.at += 2
    assert queue.send(waiting[first:]) == 0
    assert "has been full for 31 s" in (queue.trouble() or "")

    manager.read()
    clock.at += 1
    assert queue.send(waiting[first : first + 1]) == 1
    assert queue.trouble() is None


def test_a_socket_of_another_kind_is_named(manager: Manager, queue: WazuhQueue) -> None:
    manager.start(socket.SOCK_STREAM)

    assert queue.send(alerts(1)) == 0
    assert "no datagram socket" in (queue.trouble() or "")


@contextmanager
def without_roots_power() -> Iterator[None]:
    """Root may write everything; so root becomes nobody for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_forbidden_socket_says_who_needs_what(manager: Manager, queue: WazuhQueue) -> None:
    manager.start()
    manager.path.chmod(0)

    with without_roots_power():
        assert queue.send(alerts(1)) == 0
        me = pwd.getpwuid(os.geteuid()).pw_name
    assert f"user {me} may not write it" in (queue.trouble() or "")


def test_a_path_beyond_the_sockets_limit_is_trouble_from_the_start(clock: FakeClock) -> None:
    queue = WazuhQueue(Path("/tmp") / ("x" * 103), clock)

    assert "at most 107 bytes" in (queue.trouble() or "")
    assert queue.send(alerts(1)) == 0
    assert WazuhQueue(Path("/tmp") / ("x" * 102), clock).trouble() is None


def test_a_kernel_with_small_buffers_gets_a_shorter_alert(manager: Manager, queue: WazuhQueue) -> None:
    manager.start()
    queue.send(alerts(1))
    manager.read()
    assert queue._socket
    queue._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)  # the kernel's minimum, about 4.5 kB
    long = make_alert(answers=tuple("x" * 500 for _ in range(50)))

    assert queue.send([long, make_alert(number=2)]) == 2
    assert manager.read() == [datagram(long, limit=4_000), datagram(make_alert(number=2))]


def test_an_alert_that_fits_nowhere_is_logged_and_holds_up_nobody(
    manager: Manager, queue: WazuhQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    manager.start()
    queue.send(alerts(1))
    manager.read()
    assert queue._socket
    queue._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    evidence: dict[str, Any] = dict.fromkeys(("name", "summary", "image", "event_id", "follows"), "\x01" * 5_000)
    hopeless = make_alert(
        number=7,
        agent=Agent("m", "\U0001f600" * 128, "001"),
        registration=Known(Registration(0.0, None, "\x01" * 5_000, 0.0)),
        answers=("\x01" * 5_000,) * 9,
        **evidence,
    )

    assert queue.send([hopeless, make_alert(number=8)]) == 2
    assert manager.read() == [datagram(make_alert(number=8))]
    assert "alert-7" in capsys.readouterr().out


def test_both_forms_of_each_alert_arrive_once_and_in_order_also_where_the_queue_fills_up(
    manager: Manager, clock: FakeClock
) -> None:
    manager.start()
    original = partial(dnsstat_event.datagram, dialect=Dialect())
    queue = WazuhQueue(manager.path, clock, [datagram, original])
    waiting, read = alerts(1_000), []
    passes = 0
    while waiting:
        waiting = waiting[queue.send(waiting) :]
        read += manager.read()
        clock.at += 1
        passes += 1
    queue.close()

    assert passes > 1, "the queue never filled up"
    assert read == [render(alert) for alert in alerts(1_000) for render in (datagram, original)]
