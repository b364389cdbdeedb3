"""`firstsight token add|list|revoke`."""

import base64
import hashlib
import secrets
from pathlib import Path

from firstsight.access.tokens import check_name, parse_expiry, parse_scopes
from firstsight.cli.desk import at_desk
from firstsight.clock import SystemClock
from firstsight.core.errors import InputError
from firstsight.settings import load

_PREFIX = "firstsight_"  # so that tools which look for secrets in code and logs can find it


def add(name: str, scopes: str, until: str, config: Path | None) -> int:
    """Make a token, keep its hash, and show it once.

    Args:
        name: unique; the log and the trail name it.
        scopes: with commas.
        until: a date, a time or `-`.
        config: the settings file.

    Raises:
        FirstsightError: none was made.
    """
    settings = load(config)
    check_name(name, "NAME")
    kept = ",".join(sorted(parse_scopes(scopes, "--scopes")))
    expires = parse_expiry(until, "--until")
    if expires is not None and expires <= SystemClock.now():
        raise InputError(f"--until: {until} is over already. Name a day to come, or leave it out.")
    token = _PREFIX + secrets.token_urlsafe(32)
    digest = base64.b64encode(hashlib.sha256(token.encode()).digest()).decode()
    at_desk(settings, "token_added", name=name, scopes=kept, digest=digest, expires=expires)
    print(token)
    return 0


def listed(config: Path | None) -> int:
    """Show tokens that are kept in the store, without what would open anything.

    Raises:
        FirstsightError: they can't be read.
    """
    for token in at_desk(load(config), "tokens")["tokens"]:
        until, used = token["expires"] or "-", token["used"] or "never"
        print(f"{token['name']:<24} {token['scopes']:<24} until {until:<20} used {used:<20} made {token['made']}")
    return 0


def revoke(name: str, config: Path | None) -> int:
    """Have a token refused from now on.

    Raises:
        FirstsightError: it was not revoked.
    """
    at_desk(load(config), "token_revoked", name=name)
    print(f"The token {name} is refused from now on.")
    return 0
