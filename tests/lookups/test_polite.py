import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.lookups import polite
from firstsight.lookups.polite import Limits, retry_at

NOW = 1_795_000_000.0  # 2026-11-18T11:06:40Z


@dataclass
class SetClock:
    """A clock that stands until it is set."""

    time: float = NOW

    def now(self) -> float:
        return self.time


async def turns(limits: Limits, host: str, count: int) -> list[float | None]:
    return [await limits.acquire(host, 0.0) for _ in range(count)]


async def test_a_burst_is_let_through_and_then_the_pace_is_kept() -> None:
    clock = SetClock()
    limits = Limits(clock, rate=0.5, burst=3)
    assert await turns(limits, "a", 5) == [None, None, None, NOW + 2, NOW + 2]
    clock.time += 2
    assert await turns(limits, "a", 2) == [None, NOW + 4]
    clock.time += 1000  # a pause saves up no more than a burst
    assert await turns(limits, "a", 4) == [None, None, None, clock.time + 2]


async def test_hosts_don_t_wait_for_each_other() -> None:
    limits = Limits(SetClock(), rate=1, burst=1)
    assert await turns(limits, "a", 2) == [None, NOW + 1]
    assert await turns(limits, "b", 1) == [None]


async def test_who_must_wait_waits_in_line() -> None:
    limits = Limits(SetClock(), rate=50, burst=1, patience=10)
    done: list[int] = []

    async def ask(number: int) -> None:
        assert await limits.acquire("a") is None
        done.append(number)

    asking = [asyncio.create_task(ask(number)) for number in range(4)]
    await asyncio.sleep(0)
    assert done == [0]  # the others sleep for 20, 40 and 60 ms
    await asyncio.gather(*asking)
    assert done == [0, 1, 2, 3]


async def test_who_would_wait_too_long_is_told_when_to_come_back_and_takes_no_turn() -> None:
    clock = SetClock()
    limits = Limits(clock, rate=1, burst=1, patience=0.5)
    assert await limits.acquire("a") is None
    assert [await limits.acquire("a") for _ in range(100)] == [NOW + 1] * 100
    clock.time += 1
    assert await limits.acquire("a") is None


async def test_a_host_that_said_no_is_left_alone_until_then() -> None:
    clock = SetClock()
    limits = Limits(clock)
    assert limits.refused("a", "30") == NOW + 30
    assert limits.refused("a", "10") == NOW + 30, "a later, shorter no does not shorten it"
    assert await limits.acquire("a") == NOW + 30
    assert await limits.acquire("b") is None
    assert limits.closed() == {"a": NOW + 30}
    clock.time = NOW + 30
    assert await limits.acquire("a") is None
    assert limits.closed() == {}


async def test_no_no_is_longer_than_an_hour() -> None:
    limits = Limits(SetClock())
    limits.refused("a", "1" + "0" * 12)
    assert await limits.acquire("a") == NOW + 3600


async def test_a_no_reaches_those_who_wait() -> None:
    limits = Limits(SetClock(), rate=50, burst=1)
    assert await limits.acquire("a") is None
    waiting = asyncio.create_task(limits.acquire("a"))
    await asyncio.sleep(0)
    limits.refused("a", "30")
    assert await waiting == NOW + 30


async def test_a_no_without_a_time_doubles_and_a_good_answer_ends_that() -> None:
    clock = SetClock()
    limits = Limits(clock)
    waits = []
    for _ in range(8):
        waits.append(limits.refused("a", None) - clock.time)
        clock.time += waits[-1]
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert limits.unwilling() == ["a"]
    limits.answered("a")
    assert limits.unwilling() == []
    assert limits.refused("a", None) == clock.time + 60


async def test_who_said_no_is_asked_half_as_often_and_recovers() -> None:
    clock = SetClock()
    limits = Limits(clock, rate=1, burst=3)
    assert await turns(limits, "a", 3) == [None] * 3
    for _ in range(8):  # all of them were under way: one counts
        limits.refused("a", "5")
    clock.time += 100
    assert await turns(limits, "a", 2) == [None, clock.time + 2], "no burst either"
    limits.refused("a", "5")
    clock.time += 100
    assert await turns(limits, "a", 2) == [None, clock.time + 4]
    for _ in range(150):
        limits.answered("a")
    clock.time += 100
    assert await turns(limits, "a", 4) == [None, None, None, clock.time + 1]


async def test_who_fails_again_and_again_is_left_alone_and_then_tried_with_one_question() -> None:
    clock = SetClock()
    limits = Limits(clock, rate=10, burst=10)
    for _ in range(4):
        limits.failed("a")
    assert await limits.acquire("a") is None
    assert not limits.is_down("a")
    for _ in range(3):  # the fifth, and those under way with it
        limits.failed("a")
    assert limits.is_down("a")
    assert limits.free_at("a") == await limits.acquire("a") == NOW + 30
    clock.time += 30
    assert limits.free_at("a") == clock.time
    assert limits.free_at("a", 1) > clock.time, "one probe"
    assert await turns(limits, "a", 2) == [None, clock.time + 30]
    limits.failed("a")
    assert await limits.acquire("a") == clock.time + 60, "the probe failed: twice as long"
    clock.time += 60
    assert await limits.acquire("a") is None
    limits.answered("a")
    assert await turns(limits, "a", 3) == [None] * 3


async def test_a_probe_that_never_comes_back_does_not_close_for_good() -> None:
    clock = SetClock()
    limits = Limits(clock)
    for _ in range(5):
        limits.failed("a")
    for _ in range(3):
        clock.time += 30
        assert await limits.acquire("a") is None


async def test_a_server_that_is_down_is_left_alone_for_a_quarter_of_an_hour_at_most() -> None:
    clock = SetClock()
    limits = Limits(clock)
    for _ in range(50):
        limits.failed("a")
        clock.time = max(clock.time, limits.free_at("a"))
        before = clock.time
        assert await limits.acquire("a") is None
    limits.failed("a")
    assert limits.free_at("a") == before + 900


async def test_a_no_is_a_sign_of_life() -> None:
    limits = Limits(SetClock())
    for _ in range(5):
        limits.failed("a")
    limits.refused("a", "5")
    assert not limits.is_down("a")


async def test_a_restart_forgets_nothing() -> None:
    clock = SetClock()
    limits = Limits(clock, rate=0.5, burst=3)
    await turns(limits, "a", 3)
    limits.refused("b", "600")
    for _ in range(5):
        limits.failed("c")
    again = Limits(clock, rate=0.5, burst=3)
    again.restore({host: limits.saved(host) for host in "abcd"} | {"e": b"nonsense", "f": b'{"slower":"x"}'})
    assert [await again.acquire(host, 0.0) for host in "abcdef"] == [NOW + 2, NOW + 600, NOW + 30, None, None, None]


async def test_when_a_turn_comes_is_known_beforehand() -> None:
    clock = SetClock()
    limits = Limits(clock, rate=2, burst=2)
    assert [limits.free_at("a", ahead) - NOW for ahead in range(5)] == [0, 0, 0.5, 1, 1.5]
    await turns(limits, "a", 2)
    assert [limits.free_at("a", ahead) - NOW for ahead in range(2)] == [0.5, 1]


async def test_a_clock_set_back_holds_nobody_up() -> None:
    clock = SetClock()
    limits = Limits(clock, rate=1, burst=2)
    assert await turns(limits, "a", 3) == [None, None, NOW + 1]
    limits.refused("b", "60")
    clock.time = NOW - 86400
    assert await turns(limits, "a", 3) == [None, None, clock.time + 1]
    assert await turns(limits, "b", 1) == [None]


async def test_the_hosts_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polite, "_MANY", 10)
    clock = SetClock()
    limits = Limits(clock, rate=1, burst=1)
    for number in range(100):
        clock.time += 1
        assert await limits.acquire(f"host{number}") is None
        assert len(limits._paces) <= 10
    assert await limits.acquire("host99", 0.0) == clock.time + 1
    for number in range(100):
        limits.refused(f"closed{number}", "60")
        assert len(limits._paces) <= 10


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 60),
        ("", 60),
        ("0", 1),
        ("1", 1),
        (" 120 ", 120),
        ("3600", 3600),
        ("3601", 3600),
        ("18446744073709551616", 3600),
        ("9" * 8000, 3600),
        ("-5", 60),
        ("1.5", 60),
        ("1e99", 60),
        ("inf", 60),
        ("٣٠", 60),
        ("soon", 60),
        ("Wed, 18 Nov 2026 11:08:20 GMT", 100),
        ("Wed, 18 Nov 2026 11:08:20 -0000", 100),
        ("Wed, 18 Nov 2026 12:08:20 +0100", 100),
        ("Wed, 18 Nov 1998 09:08:20 GMT", 1),
        ("Wed, 18 Nov 9999 09:08:20 GMT", 3600),
        ("Wed, 99 Nov 2026 11:08:20 GMT", 60),
    ],
)
def test_retry_after_is_read_and_bounded(header: str | None, seconds: float) -> None:
    assert retry_at(header, NOW) == NOW + seconds


@given(st.text() | st.integers().map(str))
def test_any_retry_after_survives(header: str) -> None:
    assert NOW + 1 <= retry_at(header, NOW) <= NOW + 3600
