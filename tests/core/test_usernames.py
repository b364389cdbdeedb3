import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.usernames import in_profiles, in_words, is_pseudonym, person, pseudonym, with_person
from people_in_evidence import names

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


@pytest.mark.parametrize(
    ("user", "who"),
    [
        (r"CORP\alice", "alice"),
        ("alice@corp.example", "alice"),
        (r"MicrosoftAccount\alice@example.com", "alice"),
        ("CORP/m.tarrant", "m.tarrant"),
        ("Åsa Öberg", "Åsa Öberg"),
        ("@odd", "@odd"),
        ("", ""),
        (r"NT AUTHORITY\SYSTEM", ""),
        (r"NT-AUTORITÄT\Netzwerkdienst", ""),
        (r"nt service\MSSQL$ERP", ""),
        (r"IIS APPPOOL\shop", ""),
        (r"Font Driver Host\UMFD-0", ""),
        (r"CORP\WIN10$", ""),
        (r"WIN10\Administrator", ""),
        ("root", ""),
    ],
)
def test_whose_name_is_in_a_user(user: str, who: str) -> None:
    assert person(user) == who


def test_a_pseudonym_is_short_and_readable_and_rests_on_the_key() -> None:
    assert is_pseudonym(pseudonym(KEY, "alice"))
    assert pseudonym(KEY, "alice") != pseudonym(OTHER_KEY, "alice")
    assert pseudonym(KEY, "alice") != pseudonym(KEY, "alicf")


@given(names)
def test_a_pseudonym_is_one_persons_however_the_name_is_written(name: str) -> None:
    theirs = pseudonym(KEY, name)
    assert pseudonym(KEY, name.upper()) in {theirs, pseudonym(KEY, name.upper().lower())}
    assert pseudonym(KEY, name.casefold()) == theirs
    assert pseudonym(KEY, unicodedata.normalize("NFD", name)) == theirs


@pytest.mark.parametrize(
    ("user", "other"),
    [
        (r"CORP\alice", r"CORP\X"),
        ("alice@corp.example", "X@corp.example"),
        (r"ALICE-PC\alice", r"X-PC\X"),
        ("alice@alice.example", "X@X.example"),
        ("al", "X"),
    ],
)
def test_the_domain_stays(user: str, other: str) -> None:
    assert with_person(user, "X") == other


@pytest.mark.parametrize(
    ("path", "other"),
    [
        (r"C:\work\alice\x.exe", r"C:\work\X\x.exe"),
        (r"C:\work\ALICE_setup.exe", r"C:\work\X_setup.exe"),
        (r"C:\malice\alices.exe", r"C:\malice\alices.exe"),
        (r"C:\alice.alice\malice-alice.exe", r"C:\X.X\malice-X.exe"),
        ("", ""),
    ],
)
def test_a_name_as_a_word(path: str, other: str) -> None:
    assert in_words(path, "alice", "X") == other


def test_a_name_as_a_word_in_other_letters() -> None:
    assert in_words(r"C:\GRÖSSE\ΝΙΚΟΣ\x.exe", "νικος", "X") == r"C:\GRÖSSE\X\x.exe"
    assert in_words("C:\\A\u030asa\\x.exe", "åsa", "X") == r"C:\X\x.exe"


def test_no_drive_is_a_name() -> None:
    assert in_words(r"c:\c\x.exe", "C", "X") == r"c:\X\x.exe"
    assert in_words("anything", "", "X") == "anything"


@pytest.mark.parametrize(
    ("image", "masked"),
    [
        (r"C:\Users\alice\AppData\Local\Temp\x.exe", r"C:\Users\-\AppData\Local\Temp\x.exe"),
        (r"C:\\Users\\alice\\x.exe", r"C:\\Users\\-\\x.exe"),
        (r"\\?\D:\USERS\Bob.CORP\x.exe", r"\\?\D:\USERS\-\x.exe"),
        (r"\\files\home$\alice\x.exe", r"\\files\home$\-\x.exe"),
        (r"D:\Profiles\alice\x.exe", r"D:\Profiles\-\x.exe"),
        ("~/home/alice/bin/x", "~/home/-/bin/x"),
        ("/home/./alice/bin/x", "/home/./-/bin/x"),
        (r"C:\Documents and Settings\alice\x.exe", r"C:\Documents and Settings\-\x.exe"),
        (r"C:\Documents and Settings\LocalService\x.exe", r"C:\Documents and Settings\LocalService\x.exe"),
        (r"C:\Users\Public\x.exe", r"C:\Users\Public\x.exe"),
        (r"C:\Users\x.exe", r"C:\Users\x.exe"),
        (r"C:\Windows\System32\svchost.exe", r"C:\Windows\System32\svchost.exe"),
        ("", ""),
    ],
)
def test_folders_of_users(image: str, masked: str) -> None:
    assert in_profiles(image, lambda _: "-") == masked


@given(st.text())
def test_nothing_but_folders_is_changed(path: str) -> None:
    assert in_profiles(path, lambda owner: owner) == path
