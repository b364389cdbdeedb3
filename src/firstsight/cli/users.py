"""`firstsight user add|list|role|remove|passwd`."""

import getpass
import sys
from pathlib import Path

from firstsight.access.passwords import hash_password
from firstsight.access.people import Role
from firstsight.access.tokens import check_name
from firstsight.cli.desk import at_desk
from firstsight.core.errors import InputError
from firstsight.settings import load


def add(name: str, role: str, config: Path | None) -> int:
    """Let somebody log in, with a password that is asked for.

    Raises:
        FirstsightError: nobody was added.
    """
    settings = load(config)
    check_name(name, "NAME")
    at_desk(settings, "user_added", name=name, role=Role(role), password=hash_password(_password()))
    print(f"{name} may log in, as {role}.")
    return 0


def listed(config: Path | None) -> int:
    """Show who may log in.

    Raises:
        FirstsightError: they can't be read.
    """
    for user in at_desk(load(config), "users")["users"]:
        whence = f" by {user['issuer']} as {user['subject']}" if user["issuer"] else ""
        seen = f"last login {user['used'] or 'never':<20} made {user['made']}"
        print(f"{user['name']:<24} {user['role']:<8} {seen}{whence}")
    return 0


def remove(name: str, config: Path | None) -> int:
    """Let somebody in no more, and end all their sessions.

    Raises:
        FirstsightError: nobody was removed.
    """
    at_desk(load(config), "user_removed", name=name)
    print(f"{name} may not log in any more, and is logged out everywhere.")
    return 0


def change_role(name: str, role: str, config: Path | None) -> int:
    """Give somebody another role, and end all their sessions.

    Raises:
        FirstsightError: the old one stays.
    """
    at_desk(load(config), "user_role", name=name, role=Role(role))
    print(f"{name} may log in as {role} now, and is logged out everywhere.")
    return 0


def passwd(name: str, config: Path | None) -> int:
    """Give somebody a new password, and end all their sessions.

    Raises:
        FirstsightError: the old one stays.
    """
    at_desk(load(config), "user_password", name=name, password=hash_password(_password()))
    print(f"{name} has a new password, and is logged out everywhere.")
    return 0


def _password() -> str:
    """A password from the terminal, twice, or a line of standard input; never from argv, which others see."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise InputError("The two passwords differ. Nothing was changed.")
    return password
