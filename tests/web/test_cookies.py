import pytest

from firstsight.web.cookies import cookie, cookie_under_way, secret_of, under_way, wants_secure


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


def test_a_log_in_under_way_has_a_cookie_of_its_own() -> None:
    given = cookie_under_way("kept", secure=True, lasts=600)
    assert given == b"__Host-firstsight-login=kept; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=600"
    assert cookie_under_way("", secure=False, lasts=600).endswith(b"; Max-Age=0")

    both = [(b"cookie", b"__Host-firstsight=secret; __Host-firstsight-login=kept")]
    assert (secret_of(both), under_way(both)) == (b"secret", "kept")
    assert under_way([(b"cookie", b"firstsight-login=a; __Host-firstsight-login=b")]) is None
    assert under_way([]) is None
