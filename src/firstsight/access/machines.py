"""Machines that may ask: tokens that are kept in the store, and those of a file."""

from firstsight.access.renewed import Renewed
from firstsight.access.tokens import Token, Tokens, parse_scopes
from firstsight.core.deeds import Deed
from firstsight.core.errors import InputError
from firstsight.ports import Clock, KeptToken, TokenRegister

_KEEP_USES = 60.0  # seconds between writes of when tokens were used


class Machines:
    """Tokens, found by what they hash to.

    Args:
        register: where they are kept.
        clock: the time.
        file: the token file's; None where there is none.
    """

    def __init__(self, register: TokenRegister, clock: Clock, file: Renewed[Tokens] | None = None) -> None:
        self._file = file
        self._register = register
        self._clock = clock
        self._uses: dict[str, float] = {}
        self._kept_uses_at = clock.now()
        self._kept = self._read()

    def __len__(self) -> int:
        return len(self._kept) + (0 if self._file is None else len(self._file.value))

    def find(self, secret: bytes) -> Token | None:
        """The token that this secret is, whether it has expired or not."""
        found = self._kept.find(secret)
        if found is not None:
            now = self._clock.now()
            if not found.expired(now):
                self._uses[found.name] = now
            return found
        return None if self._file is None else self._file.value.find(secret)

    def all(self) -> list[KeptToken]:
        """Those of the store, by name."""
        self._keep_uses()
        return self._register.all()

    def add(self, token: KeptToken, deed: Deed) -> None:
        """Keep one.

        Raises:
            InputError: its name is taken.
            StoreError: it is not kept.
        """
        if not self._register.add(token, deed):
            raise InputError(
                f"There is a token {token.name} already. Revoke it first (`firstsight token revoke {token.name}`), or "
                f"give this one another name."
            )
        self._kept = self._read()

    def revoke(self, name: str, deed: Deed) -> None:
        """Refuse one from now on.

        Raises:
            InputError: there is none of that name.
            StoreError: it is not revoked.
        """
        if not self._register.remove(name, deed):
            raise InputError(
                f"There is no token {name} in the store (`firstsight token list` names them). One of the token file "
                f"is revoked by taking its line out."
            )
        self._kept = self._read()

    def renew(self) -> None:
        """Take up a token file that has changed; keep when tokens were used.

        Raises:
            StoreError: the latter is tried again.
        """
        if self._file is not None:
            self._file.renew()
        if self._clock.now() - self._kept_uses_at >= _KEEP_USES:
            self._keep_uses()

    def trouble(self) -> str | None:
        """A sentence while the newest version of the file can't be used, else None."""
        return None if self._file is None else self._file.trouble()

    def _keep_uses(self) -> None:
        self._kept_uses_at = self._clock.now()
        if self._uses:
            self._register.used(self._uses)
            self._uses = {}

    def _read(self) -> Tokens:
        return Tokens(
            [
                Token(kept.name, parse_scopes(kept.scopes, f"Token {kept.name}"), kept.digest, kept.expires)
                for kept in self._register.all()
            ]
        )
