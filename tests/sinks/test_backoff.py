from firstsight.sinks.backoff import Backoff


def waits(backoff: Backoff, now: float, times: int) -> list[float]:
    """How long each of so many failures in a row makes it wait, to the hundredth of a second."""
    found = []
    for _ in range(times):
        backoff.failed(now)
        steps = 0
        while backoff.waiting(now + steps / 100):
            steps += 1
        found.append(steps / 100)
        now += 1_000
    return found


def test_waits_double_up_to_five_seconds() -> None:
    assert waits(Backoff(), 0.0, 9) == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_success_starts_afresh() -> None:
    backoff = Backoff()
    waits(backoff, 0.0, 4)
    backoff.worked()

    assert not backoff.waiting(0.0)
    assert waits(backoff, 0.0, 2) == [0.05, 0.1]


def test_a_pause_does_not_double() -> None:
    backoff = Backoff()
    backoff.pause(10.0, 0.5)

    assert backoff.waiting(10.4)
    assert not backoff.waiting(10.5)
    assert waits(backoff, 20.0, 1) == [0.05]


def test_a_clock_set_back_ends_the_wait() -> None:
    backoff = Backoff()
    backoff.failed(1_000.0)

    assert backoff.waiting(1_000.0)
    assert not backoff.waiting(999.0)
