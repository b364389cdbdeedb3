r"""Names of people, where evidence has them: as the user of a program, and in its path.

A user is written `DOMAIN\name` (Windows' down-level name), `name@domain` (a user principal name), or bare. The domain
is an organisation's or a machine's, and no person's: what stands in a name's place leaves it there.
"""

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from hashlib import blake2b

BLANK = "-"
"""Stands where a name was that is left out."""


class Users(StrEnum):
    """What is kept of people's names."""

    KEEP = "keep"
    PSEUDONYM = "pseudonym"
    LEAVE_OUT = "leave_out"

    @property
    def in_words(self) -> str:
        """What is kept, for a person who reads of it."""
        return {
            Users.KEEP: "names are kept",
            Users.PSEUDONYM: "pseudonyms in the place of names",
            Users.LEAVE_OUT: "names are left out",
        }[self]


# Accounts that are no people. Windows' own are those of Microsoft's "well-known SIDs", by the authority that stands
# before them, in the languages in which Windows translates it.
_AUTHORITIES = frozenset(
    {
        "nt authority", "nt-autorität", "autorite nt", "autorità nt", "autoridade nt", "nt service",
        "nt virtual machine", "iis apppool", "window manager", "font driver host",
    }
)  # fmt: skip
_ACCOUNTS = frozenset(
    {"system", "local service", "network service", "localservice", "networkservice", "anonymous logon",
     "administrator", "root", "daemon", "nobody", "www-data"}
)  # fmt: skip
_NOBODYS = _ACCOUNTS | {"public", "default", "default user", "defaultuser0", "all users"}

# A user's own folder, whose name is the user's: of Windows, macOS and Linux, and of servers for profiles and homes.
_PROFILE = re.compile(
    r"([\\/](?:users|homes?|profiles|documents and settings)\$?[\\/]+(?:\.[\\/]+)*)([^\\/]+)(?=[\\/])", re.IGNORECASE
)
_PSEUDONYM = re.compile(r"user-[0-9a-f]{12}(\.[\w-]+)*")  # Windows may add the domain to a folder's name


def pseudonym(key: bytes, name: str) -> str:
    """What stands for a person's name: `user-` and twelve hexadecimal digits of keyed BLAKE2b (RFC 7693).

    The same for a name in any case and in any of Unicode's ways to write it.

    Args:
        key: 1 to 64 bytes; another key gives other pseudonyms.
        name: a person's name alone, as `person` tells it.
    """
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    digest = blake2b(plain.encode("utf-8", "surrogatepass"), key=key, digest_size=6, person=b"firstsight.user")
    return f"user-{digest.hexdigest()}"


def is_pseudonym(name: str) -> bool:
    """Whether a name was put in the place of another already."""
    return _PSEUDONYM.fullmatch(name) is not None


def has_pseudonym(text: str) -> bool:
    """Whether a pseudonym stands anywhere in a user or a path."""
    return _PSEUDONYM.search(text) is not None


def person(user: str) -> str:
    r"""The person's name in a user: `alice` of `CORP\alice` and of `alice@corp.example`.

    Empty where it is no person's: a service account, or a machine's, whose name ends with `$`.
    """
    domain, account = _parts(user)
    if domain.casefold() in _AUTHORITIES or account.casefold() in _ACCOUNTS or account.endswith("$"):
        return ""
    return account.partition("@")[0] or account


def with_person(user: str, name: str) -> str:
    """A user with another name in its person's place, also where the domain or the machine is named after them."""
    who = person(user)
    begin = max(user.rfind("\\"), user.rfind("/")) + 1
    before, account = user[:begin], user[begin:]
    behind = account[len(account.partition("@")[0]) :] if not account.startswith("@") else ""
    return in_words(before, who, name) + name + in_words(behind, who, name)


def _parts(user: str) -> tuple[str, str]:
    domain, _, account = user.replace("/", "\\").rpartition("\\")
    return domain.strip(), account.strip()


def in_words(text: str, name: str, other: str) -> str:
    """A text with another name wherever a name stands as words of their own, in any case; never a drive's letter."""
    if not name:
        return text
    text = _composed(text)
    folded, wanted = _folded(text), _folded(_composed(name))
    parts, done = [], 0
    at = folded.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        behind = folded[end : end + 1]
        if not (folded[at - 1 : at].isalnum() or behind.isalnum() or behind == ":"):
            parts += [text[done:at], other]
            done = end
        at = folded.find(wanted, max(done, at + 1))
    return "".join([*parts, text[done:]])


def in_profiles(path: str, change: Callable[[str], str]) -> str:
    """A path with users' own folders under other names.

    Args:
        path: of a program, of Windows or of others.
        change: gives a folder's name in another's place; not asked about folders that are nobody's, or everybody's.
    """

    def mask(found: re.Match[str]) -> str:
        return found[1] + (found[2] if found[2].casefold() in _NOBODYS else change(found[2]))

    return _PROFILE.sub(mask, path)


def _folded(text: str) -> str:
    """A text without regard to case, letter by letter, as Windows compares names."""
    if text.isascii():
        return text.lower()
    return "".join(plain if len(plain := letter.casefold()) == 1 else letter for letter in text)


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)
