from pathlib import Path

from structlog.testing import capture_logs

from alert_samples import AT
from firstsight.access.access import Access
from firstsight.access.peers import Peers
from firstsight.access.people import Role
from firstsight.access.refusals import Refusals
from firstsight.access.renewed import Renewed
from firstsight.access.tokens import read_tokens
from firstsight.ports import KeptPerson
from registers_of_tests import Registers, deed, kept_token
from tokens_of_tests import line, token_file


def access(registers: Registers, *, others: bool = False, file: Path | None = None) -> Access:
    tokens = None if file is None else Renewed(lambda: read_tokens(file), file)
    clock = registers.clock
    return Access(
        Refusals(clock), Peers(), registers.machines(tokens), registers.people(), registers.trail, others=others
    )


def test_this_machine_alone_has_nothing_to_renew_and_asks_nobody(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        found = access(registers)
        found.renew()

        assert found.troubles() == []
        assert not found.guarded


def test_a_token_or_a_person_makes_it_ask(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        found = access(registers)
        found.machines.add(kept_token("a", b"secret"), deed("token_added"))
        after_token = found.guarded
        found.machines.revoke("a", deed("token_revoked"))
        after_revoking = found.guarded
        found.people.add("alice", Role.VIEWER, "scrypt$…", deed("user_added"))

        assert (after_token, after_revoking, found.guarded) == (True, False, True)


def test_people_of_a_provider_that_is_not_asked_any_more_are_nobody(tmp_path: Path) -> None:
    """They can't log in, so nobody is asked to."""
    with Registers(tmp_path) as registers:
        registers.persons.add(KeptPerson("oidc:alice", "analyst", "", AT, None, "https://idp.example", "1"), deed("x"))
        found = access(registers)
        (sentence,) = found.troubles()
        alone = found.has_people, found.guarded
        found.people.add("bob", Role.VIEWER, "scrypt$…", deed("user_added"))
        together = found.has_people, found.guarded, found.troubles()
        found.people.remove("bob", deed("user_removed"))
        found.people.remove("oidc:alice", deed("user_removed"))

        assert sentence.startswith("Nobody can log in: all users come by an identity provider")
        assert alone == (False, False)
        assert together == (True, True, [])
        assert found.troubles() == []


def test_what_is_amiss_with_tokens(tmp_path: Path) -> None:
    path = token_file(tmp_path)
    with Registers(tmp_path) as registers:
        found = access(registers, others=True, file=path)
        (none,) = found.troubles()
        assert "There is no token and no user" in none

        path.write_text(line("s", "read"))
        found.renew()
        assert found.troubles() == []

        path.write_text("rubbish")
        found.renew()
        (bad,) = found.troubles()
        assert f"{path}, line 1" in bad


def test_a_store_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        found = access(registers)
        found.machines.add(kept_token("a", b"secret"), deed("token_added"))
        assert found.machines.find(b"secret") is not None
        registers.clock.at += 3600
        registers.database.path.rename(tmp_path / "elsewhere.db")
        with capture_logs() as said:
            found.renew()

        assert [entry["event"] for entry in said] == ["token_uses_not_kept"]
