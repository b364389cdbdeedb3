import hashlib
import re
import secrets
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from firstsight.access.tokens import EVERYTHING, TokenScope, parse_tokens, read_tokens
from firstsight.core.errors import InputError
from tokens_of_tests import line, token_file

HASH = hashlib.sha256(b"x").hexdigest()
JULY_2027 = 1_814_400_000.0  # 2027-07-01T00:00:00Z


def refused(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse_tokens(text, "/etc/tokens")
    return str(caught.value)


def test_a_file() -> None:
    text = f"""# who may ask

{line("secret-one", "read")}
  {line("secret-two", "ingest,intel", "2027-06-30", "branch.office-2_b").strip()}   # until the lease ends
"""
    tokens = parse_tokens(text, "/etc/tokens")
    one, two = tokens.find(b"secret-one"), tokens.find(b"secret-two")

    assert len(tokens) == 2
    assert one is not None
    assert two is not None
    assert (one.name, one.scopes, one.expires) == ("secret-one", frozenset({TokenScope.READ}), None)
    assert (two.name, two.scopes) == ("branch.office-2_b", frozenset({TokenScope.INGEST, TokenScope.INTEL}))
    assert [tokens.find(other) for other in (b"", b"secret", b"secret-one ", b"SECRET-ONE")] == [None] * 4


def test_admin_stands_for_all() -> None:
    token = parse_tokens(line("boss", "admin"), "").find(b"boss")

    assert token is not None
    assert token.scopes == EVERYTHING


@pytest.mark.parametrize(
    ("expiry", "expires"),
    [
        ("-", None),
        ("2027-06-30", JULY_2027),  # the day counts to its end
        ("2027-06-30T23:59:59Z", JULY_2027 - 1),
        ("2027-07-01T02:00:00+02:00", JULY_2027),
        ("2027-06-30t23:59:59.5z", JULY_2027 - 0.5),
    ],
)
def test_expiry(expiry: str, expires: float | None) -> None:
    token = parse_tokens(line("s", "read", expiry), "").find(b"s")

    assert token is not None
    assert token.expires == expires
    assert token.expired(JULY_2027) == (expires is not None)
    assert not token.expired(JULY_2027 - 1.5)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"zeek read sha256:{HASH}", "line 1: 3 fields where 4 belong"),
        (f"\n# a\nzeek read, ingest sha256:{HASH} -", "line 3: 5 fields where 4 belong"),
        (f"zeek read,ingst sha256:{HASH} -", "one or more of read, intel, ingest, review, admin"),
        (f"zeek read,,ingest sha256:{HASH} -", "one or more of"),
        (f"zeek READ sha256:{HASH} -", "one or more of"),
        (f"z/eek read sha256:{HASH} -", "a name is 1 to 64 letters"),
        (f"{'z' * 65} read sha256:{HASH} -", "a name is 1 to 64 letters"),
        (f"zeek read {HASH} -", "must be sha256: and 64 hexadecimal digits"),
        (f"zeek read sha256:{HASH[:-1]} -", "must be sha256: and 64 hexadecimal digits"),
        ("zeek read the-very-token -", "if it stands in this line, make a new one"),
        (f"zeek read sha256:{hashlib.sha256().hexdigest()} -", "the hash of nothing"),
        *(
            (f"zeek read sha256:{HASH} {expiry}", "the expiry must be a date")
            for expiry in (
                "never", "2027", "20270630", "2027-W26-3", "2027-02-30", "9999-12-31", "2027-06-30T12:00:00",
                "2027-06-30T25:00:00Z", "-1",
            )
        ),
        (line("a", "read", name="n") + line("b", "read", name="n"), "line 2: the same name as on line 1"),
        (line("a", "read", name="n") + line("a", "read", name="m"), "line 2: the same token as on line 1"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_used_is_named_and_not_shown(text: str, what: str) -> None:
    told = refused(text)

    assert told.startswith("/etc/tokens, line ")
    assert what in told
    for part in (HASH[:16], "zeek", "the-very-token"):
        assert part not in told


@given(st.text())
def test_any_text_is_taken_or_refused(text: str) -> None:
    with suppress(InputError):
        parse_tokens(text, "")


@given(st.lists(st.binary(min_size=1, max_size=64), unique=True, max_size=8))
def test_each_secret_is_found_and_no_other(found: list[bytes]) -> None:
    lines = [f"n{number} read sha256:{hashlib.sha256(secret).hexdigest()} -" for number, secret in enumerate(found)]
    tokens = parse_tokens("\n".join(lines), "")

    names = [token.name for secret in found if (token := tokens.find(secret))]
    assert names == [f"n{number}" for number in range(len(found))]
    assert tokens.find(secrets.token_bytes(65)) is None


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin"
    latin.write_bytes(b"caf\xe9 read")
    for path, what in [
        (tmp_path / "none", r"can't be read \(No such file or directory\)"),
        (tmp_path, "Is a dir"),
        (latin, "UTF-8"),
    ]:
        with pytest.raises(InputError, match=what):
            read_tokens(path)


def test_the_documented_command_makes_a_token() -> None:
    page = (Path(__file__).parents[2] / "docs" / "access.md").read_text("utf-8")
    (command,) = re.findall(r"python3 -c '(.+)'", page)
    told = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True).stdout
    token, made = told.removeprefix("token: ").splitlines()
    found = parse_tokens(made, "").find(token.encode())

    assert len(token) == 43
    assert found is not None
    assert (found.name, found.expires) == ("NAME", None)


@pytest.mark.parametrize(
    ("mode", "warned"), [(0o600, False), (0o640, False), (0o644, True), (0o660, True), (0o602, True)]
)
def test_a_file_that_others_may_open_is_warned_of(tmp_path: Path, mode: int, warned: bool) -> None:
    path = token_file(tmp_path, line("s", "read"))
    path.chmod(mode)
    with capture_logs() as said:
        read_tokens(path)

    assert [entry["event"] for entry in said] == ["token_file_open_to_others"] * warned
