import pytest

from firstsight.web.cookies import cookie, secret_of, wants_secure


def test_no_script_reads_it_and_no_other_host_gets_it() -> None:
    assert cookie("abc", secure=True) == b"__Host-firstsight=abc; Path=/; HttpOnly; SameSite=Lax; Secure"
    assert cookie("abc", secure=False) == b"firstsight=abc; Path=/; HttpOnly; SameSite=Lax"
    assert cookie("", secure=True).endswith(b"; Max-Age=0")


@pytest.mark.parametrize(
    ("values", "secret"),
    [
        ([b"__Host-firstsight=abc"], b"abc"),
        ([b'a=1; firstsight="abc"; b=2'], b"abc"),
        ([b"a=1", b"firstsight=abc"], b"abc"),
        ([b"firstsight=abc; firstsight=def"], None),  # one of the two was planted
        ([b"__Host-firstsight=abc; firstsight=def"], None),
        ([b"firstsight="], None),
        ([b"firstsight=" + b"x" * 201], None),
        ([b"notfirstsight=abc"], None),
        ([], None),
    ],
)
def test_what_a_request_brings(values: list[bytes], secret: bytes | None) -> None:
    assert secret_of([(b"cookie", value) for value in values]) == secret


def test_it_is_sent_in_the_clear_on_this_machine_alone() -> None:
    assert wants_secure({"scheme": "https"}, local=True)
    assert wants_secure({"scheme": "http"}, local=False)
    assert not wants_secure({"scheme": "http"}, local=True)
