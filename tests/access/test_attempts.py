from alert_samples import FakeClock
from firstsight.access.attempts import OF_A_NAME, OF_AN_ADDRESS, Attempts


def fail(attempts: Attempts, times: int, address: str, name: str) -> None:
    for _ in range(times):
        attempts.failed(address, name)


def test_brute_force_of_one_name_is_made_to_wait_longer_and_longer() -> None:
    clock = FakeClock()
    attempts = Attempts(clock)
    fail(attempts, OF_A_NAME - 1, "192.0.2.1", "alice")
    assert attempts.wait("192.0.2.1", "alice") == 0

    waits = []
    for _ in range(8):
        attempts.failed("192.0.2.1", "alice")
        waits.append(attempts.wait("192.0.2.1", "alice"))
    assert waits == [60, 120, 240, 480, 900, 900, 900, 900]
    clock.at += 900
    assert attempts.wait("192.0.2.1", "alice") == 0


def test_a_lock_out_does_not_reach_the_person_elsewhere_nor_others_here() -> None:
    attempts = Attempts(FakeClock())
    fail(attempts, OF_A_NAME, "192.0.2.1", "alice")

    assert attempts.wait("192.0.2.1", "alice") > 0
    assert attempts.wait("192.0.2.2", "alice") == 0
    assert attempts.wait("192.0.2.1", "bob") == 0


def test_many_names_from_one_address() -> None:
    attempts = Attempts(FakeClock())
    for number in range(OF_AN_ADDRESS):
        assert attempts.wait("192.0.2.1", f"user{number}") == 0
        attempts.failed("192.0.2.1", f"user{number}")

    assert attempts.wait("192.0.2.1", "another") > 0
    assert attempts.wait("192.0.2.2", "another") == 0


def test_of_ipv6_a_machine_has_a_whole_network() -> None:
    attempts = Attempts(FakeClock())
    for number in range(OF_A_NAME):
        attempts.failed(f"2001:db8::{number}", "alice")

    assert attempts.wait("2001:db8::ffff:1", "alice") > 0
    assert attempts.wait("2001:db8:0:1::1", "alice") == 0
    assert attempts.wait("", "alice") == 0


def test_right_passwords_never_lock_out_an_office() -> None:
    attempts = Attempts(FakeClock())
    for number in range(3 * OF_AN_ADDRESS):
        assert attempts.wait("192.0.2.1", f"user{number}") == 0
        attempts.failed("192.0.2.1", f"user{number}")
        attempts.succeeded("192.0.2.1", f"user{number}")


def test_it_is_forgotten_in_time_and_bounded() -> None:
    clock = FakeClock()
    attempts = Attempts(clock)
    fail(attempts, OF_A_NAME, "192.0.2.1", "alice")
    clock.at += 3601
    attempts.failed("192.0.2.1", "alice")
    assert attempts.wait("192.0.2.1", "alice") == 0

    for number in range(6000):
        attempts.failed(f"10.0.{number // 250}.{number % 250}", "x")
    assert len(attempts._counts) == 10_000


def test_what_was_neither_right_nor_wrong_does_not_count_and_washes_nothing_off() -> None:
    attempts = Attempts(FakeClock())
    fail(attempts, OF_A_NAME - 1, "192.0.2.1", "alice")
    for _ in range(2 * OF_AN_ADDRESS):
        attempts.failed("192.0.2.1", "alice")
        attempts.forgiven("192.0.2.1", "alice")
    assert attempts.wait("192.0.2.1", "alice") == 0
    attempts.failed("192.0.2.1", "alice")
    assert attempts.wait("192.0.2.1", "alice") > 0
