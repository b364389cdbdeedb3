from pathlib import Path

import pytest

from firstsight.access.renewed import Renewed
from firstsight.access.tokens import TokenScope, parse_tokens
from firstsight.core.errors import InputError
from registers_of_tests import Registers, deed, kept_token
from tokens_of_tests import line


def test_a_token_is_found_until_it_is_revoked(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        machines = registers.machines()
        machines.add(kept_token("zeek", b"secret", "ingest,read"), deed("token_added", "zeek"))
        found = machines.find(b"secret")
        assert found is not None
        assert (found.name, found.scopes) == ("zeek", frozenset({TokenScope.READ, TokenScope.INGEST}))
        assert machines.find(b"other") is None

        machines.revoke("zeek", deed("token_revoked", "zeek"))
        assert machines.find(b"secret") is None
        assert registers.told() == ["token_added zeek", "token_revoked zeek"]


def test_they_are_there_after_a_restart_and_only_as_hashes(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        registers.machines().add(kept_token("zeek", b"the-very-secret"), deed("token_added"))
    with Registers(tmp_path) as registers:
        assert registers.machines().find(b"the-very-secret") is not None
        assert len(registers.machines()) == 1
    assert b"the-very-secret" not in (tmp_path / "store.db").read_bytes()


def test_a_name_is_taken_once_and_nothing_is_noted_that_was_not_done(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        machines = registers.machines()
        machines.add(kept_token("zeek", b"one"), deed("token_added"))
        with pytest.raises(InputError, match="There is a token zeek already"):
            machines.add(kept_token("zeek", b"two"), deed("token_added"))
        with pytest.raises(InputError, match="There is no token other"):
            machines.revoke("other", deed("token_revoked"))

        assert machines.find(b"two") is None
        assert registers.told() == ["token_added"]


def test_the_file_is_read_beside_the_store(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        machines = registers.machines(Renewed(lambda: parse_tokens(line("of-file", "intel"), "")))
        machines.add(kept_token("kept", b"of-store"), deed("token_added"))

        assert len(machines) == 2
        assert [found and found.name for found in map(machines.find, (b"of-file", b"of-store"))] == ["of-file", "kept"]


def test_last_use_is_kept_once_a_minute_and_not_of_expired_ones(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        machines = registers.machines()
        start = registers.clock.at
        machines.add(kept_token("used", b"a"), deed("token_added"))
        machines.add(kept_token("ended", b"b", expires=start), deed("token_added"))
        machines.find(b"a")
        machines.find(b"b")
        machines.renew()
        assert [token.used for token in registers.tokens.all()] == [None, None]

        registers.clock.at += 60
        machines.renew()
        assert {token.name: token.used for token in registers.tokens.all()} == {"used": start, "ended": None}
        registers.clock.at += 1
        machines.find(b"a")
        assert {token.name: token.used for token in machines.all()} == {"used": start + 61, "ended": None}
