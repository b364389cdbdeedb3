from firstsight.clock import SystemClock


def test_the_clock_is_the_machines() -> None:
    first, second = SystemClock().now(), SystemClock.now()

    assert 1_700_000_000 < first <= second
