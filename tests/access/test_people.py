import hashlib
from pathlib import Path
from typing import Any

import pytest

from firstsight.access.people import IDLE, LONGEST, OPENS, People, Role
from firstsight.access.tokens import EVERYTHING, TokenScope
from firstsight.core.errors import InputError
from registers_of_tests import PASSWORD, Registers, cheap_password, deed


def alice(registers: Registers, role: Role = Role.ANALYST) -> People:
    people = registers.people()
    people.add("alice", role, cheap_password(), deed("user_added", "alice"))
    return people


def test_a_session_says_who_it_is_and_what_that_opens(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        people = alice(registers)
        secret = people.log_in("alice", deed("login"))
        session = people.session(secret.encode())

        assert session is not None
        assert (session.person, session.role, session.scopes) == ("alice", "analyst", OPENS[Role.ANALYST])
        assert people.session(b"another") is None
        assert secret not in str(session)
    assert secret.encode() not in (tmp_path / "store.db").read_bytes()


def test_roles_hold_one_another() -> None:
    assert OPENS[Role.VIEWER] < OPENS[Role.ANALYST] < OPENS[Role.ADMIN] == EVERYTHING
    assert TokenScope.INGEST not in OPENS[Role.ANALYST]


def test_each_log_in_is_another_session_with_another_csrf_token(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        people = alice(registers)
        secrets = {people.log_in("alice", deed("login")) for _ in range(3)}
        sessions = [people.session(secret.encode()) for secret in secrets]

        assert len(secrets) == len({session.csrf for session in sessions if session}) == 3


def test_a_session_that_is_not_used_ends(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        people = alice(registers)
        secret = people.log_in("alice", deed("login")).encode()
        registers.clock.at += IDLE - 1
        assert people.session(secret) is not None
        registers.clock.at += IDLE - 1
        assert people.session(secret) is not None
        registers.clock.at += IDLE
        assert people.session(secret) is None


def test_one_that_is_used_ends_too_and_is_swept_away(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        people = alice(registers)
        secret, began = people.log_in("alice", deed("login")).encode(), registers.clock.at
        while registers.clock.at < began + LONGEST - IDLE / 2:
            assert people.session(secret) is not None
            registers.clock.at += IDLE / 2
        assert people.session(secret) is not None
        registers.clock.at = began + LONGEST
        assert people.session(secret) is None

        people.log_in("alice", deed("login"))
        assert registers.database.connection.execute("SELECT count(*) FROM session").fetchone() == (1,)


def test_while_nothing_can_be_written_a_session_goes_on(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        people = alice(registers)
        secret = people.log_in("alice", deed("login")).encode()
        registers.clock.at += IDLE / 2
        registers.database.connection.execute("PRAGMA query_only=ON")

        assert people.session(secret) is not None


@pytest.mark.parametrize("everywhere", [False, True])
def test_log_out(tmp_path: Path, everywhere: bool) -> None:
    with Registers(tmp_path) as registers:
        people = alice(registers)
        people.add("bob", Role.VIEWER, cheap_password(), deed("user_added"))
        one, other, bobs = (people.log_in(name, deed("login")).encode() for name in ("alice", "alice", "bob"))
        session = people.session(one)
        assert session is not None
        people.log_out(session, deed("logout"), everywhere=everywhere)

        assert people.session(one) is None
        assert (people.session(other) is None) is everywhere
        assert people.session(bobs) is not None


def test_a_new_password_and_removal_end_all_sessions(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        people = alice(registers)
        first = people.log_in("alice", deed("login")).encode()
        people.set_password("alice", cheap_password("another that is long"), deed("user_password"))
        assert people.session(first) is None

        second = people.log_in("alice", deed("login")).encode()
        people.remove("alice", deed("user_removed"))
        assert people.session(second) is None
        assert len(people) == 0
        assert registers.told() == ["user_added alice", "login", "user_password", "login", "user_removed"]


def test_who_is_not_there(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        people = alice(registers)
        with pytest.raises(InputError, match="There is a user alice already"):
            people.add("alice", Role.ADMIN, cheap_password(), deed("user_added"))
        for change in (people.remove, lambda name, deed: people.set_password(name, "x", deed)):
            with pytest.raises(InputError, match="There is no user bob"):
                change("bob", deed("user_removed"))
        assert people.all()[0].role == "analyst"


def test_a_copy_of_the_store_brings_no_session_along(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        people = alice(registers)
        secret = people.log_in("alice", deed("login")).encode()
        people.log_out_all()
        assert people.session(secret) is None


def test_a_name_that_nobody_has_costs_the_same_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: the same function with the same parameters, as often."""
    work: list[dict[str, Any]] = []
    real = hashlib.scrypt

    def counted(password: bytes, **parameters: Any) -> bytes:
        work.append({key: parameters[key] for key in ("n", "r", "p", "dklen")})
        return real(password, **parameters | {"n": 16, "r": 1, "p": 1})

    monkeypatch.setattr(hashlib, "scrypt", counted)
    with Registers(tmp_path) as registers:
        people = registers.people()
        from firstsight.access.passwords import hash_password

        people.add("alice", Role.VIEWER, hash_password(PASSWORD), deed("user_added"))
        person = people.find("alice")
        people.right("warm", None)
        work.clear()

        assert people.right(PASSWORD, person)
        known = work.copy()
        work.clear()
        assert not people.right("no" + PASSWORD, person)
        wrong = work.copy()
        work.clear()
        assert not people.right(PASSWORD, people.find("nobody"))
        assert work == known == wrong
