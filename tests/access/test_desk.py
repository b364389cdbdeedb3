import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from firstsight.access.desk import Desk
from firstsight.core.deeds import EVERY_DEED
from firstsight.core.errors import InputError
from registers_of_tests import Registers, cheap_password

ME = {"who": "local:root"}
DIGEST = base64.b64encode(hashlib.sha256(b"secret").digest()).decode()
TOKEN = {"desk": "token_added", "name": "zeek", "scopes": "read", "digest": DIGEST, "expires": None, **ME}


def desk(registers: Registers) -> Desk:
    return Desk(registers.machines(), registers.people(), registers.trail, registers.clock)


def test_tokens_and_users_are_made_listed_and_taken_back(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        at = desk(registers)
        kept = cheap_password()
        for question in (
            TOKEN,
            {"desk": "user_added", "name": "alice", "role": "analyst", "password": kept, **ME},
            {"desk": "user_password", "name": "alice", "password": cheap_password(), **ME},
        ):
            assert at.answer(question) == {}

        (token,), (user,) = at.answer({"desk": "tokens"})["tokens"], at.answer({"desk": "users"})["users"]
        assert (token["name"], token["scopes"], token["expires"], token["used"]) == ("zeek", "read", None, None)
        assert (user["name"], user["role"], user["used"]) == ("alice", "analyst", None)
        assert DIGEST not in str(token)
        assert "scrypt" not in str(user)

        at.answer({"desk": "token_revoked", "name": "zeek", **ME})
        at.answer({"desk": "user_removed", "name": "alice", **ME})
        at.answer({"desk": "note", "what": "exported", "about": "domain-stats", **ME})
        at.answer({"desk": "restored", "about": "a.db", **ME})
        assert registers.told() == [
            "token_added zeek read",
            "user_added alice analyst",
            "user_password alice",
            "token_revoked zeek",
            "user_removed alice",
            "exported domain-stats",
            "restored a.db",
        ]
        assert {deed.who for _, deed in registers.trail.deeds(EVERY_DEED, after=0, limit=10)} == {"local:root"}


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"desk": "erase_all", **ME},
        {"desk": "note", "what": "never heard of", "about": "", **ME},
        {"desk": "note", "what": "login", **ME},
        {"desk": "user_added", "name": "alice", "role": "emperor", "password": "", **ME},
        {key: value for key, value in TOKEN.items() if key != "who"},
        TOKEN | {"digest": 7},
    ],
)
def test_what_is_not_done_here(tmp_path: Path, question: dict[str, Any]) -> None:
    with Registers(tmp_path) as registers:
        with pytest.raises(InputError, match="of another version"):
            desk(registers).answer(question)
        assert registers.told() == []
