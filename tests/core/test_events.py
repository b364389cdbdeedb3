import pytest

from firstsight.core.events import Agent, Status, status_of

EXISTS, NXDOMAIN, FAILED = Status.EXISTS, Status.NXDOMAIN, Status.FAILED


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("0", Status.ANSWERED),
        ("9501", EXISTS),
        ("9701", EXISTS),
        ("9003", NXDOMAIN),
        *[(code, FAILED) for code in ("9002", "9005", "1460", "9502", "1223", "123")],
    ],
)
@pytest.mark.parametrize("has_address", [True, False])
def test_known_codes_decide(code: str, status: Status, has_address: bool) -> None:
    assert status_of(code, has_address=has_address) is status


def test_addresses_decide_where_the_code_does_not() -> None:
    assert status_of(None, has_address=True) is Status.ANSWERED
    assert status_of(None, has_address=False) is EXISTS
    assert status_of("87", has_address=True) is Status.ANSWERED
    assert status_of("87", has_address=False) is FAILED


def test_an_agents_history_outlives_its_id() -> None:
    assert Agent("wazuh-1", "WIN10", "001", "10.0.0.5").key == Agent("wazuh-1", "WIN10", "017", "any").key
    assert Agent("wazuh-1", "WIN10").key != Agent("wazuh-2", "WIN10").key
