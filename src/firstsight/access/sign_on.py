"""Logging in by an OpenID Connect provider: the authorisation code flow with PKCE (OpenID Connect Core 1.0 §3.1)."""

import hmac
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from firstsight.access.claims import check_claims, name_of, role_of, subject_of
from firstsight.access.flow import Flow
from firstsight.access.id_token import Claims, IdToken
from firstsight.access.keys import Key
from firstsight.access.people import Newcomer, Role
from firstsight.access.renewed import Renewed
from firstsight.core.errors import ProviderError, RefusedError
from firstsight.ports import Clock, IdentityProvider

_LONGEST_CODE = 8192
_MOST_ENDED = 10_000  # log-ins that are remembered as ended; the oldest go first
_TRANSIENT = frozenset({"server_error", "temporarily_unavailable"})  # RFC 6749 §4.1.2.1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the provider, and what its claims mean here.

    Attributes:
        name: what the log-in page calls it.
        client_id: what it calls us.
        redirect_uri: where it sends people back to.
        log_in: the page of ours that people come from, and go to after a log-out there.
        scopes: asked for, beside `openid`.
        name_claim: what people are called by.
        role_claim: gives their roles.
        roles: by value of that claim.
    """

    name: str
    client_id: str
    redirect_uri: str
    log_in: str
    scopes: Sequence[str]
    name_claim: str
    role_claim: str
    roles: Mapping[str, Role]


class SignOn:
    """Log-ins by one provider.

    Args:
        provider: says who people are.
        wanted: what is asked of it.
        clock: the time.
        key: the client's secret; None where there is none.
    """

    def __init__(
        self, provider: IdentityProvider, wanted: Wanted, clock: Clock, key: Renewed[Key] | None = None
    ) -> None:
        self._provider = provider
        self._wanted = wanted
        self._clock = clock
        self._key = key
        self._ended: OrderedDict[str, None] = OrderedDict()  # states of log-ins that have come back

    @property
    def name(self) -> str:
        """What the log-in page calls the provider."""
        return self._wanted.name

    @property
    def role_claim(self) -> str:
        """The claim that gives people their roles."""
        return self._wanted.role_claim

    async def begin(self, wanted: str) -> tuple[Flow, str]:
        """A log-in that leads to a page, and the URL at the provider where it goes on.

        Raises:
            ProviderError: the provider can't be asked.
        """
        flow = Flow.begin(self._clock.now(), wanted)
        asked = {
            "response_type": "code",
            "client_id": self._wanted.client_id,
            "redirect_uri": self._wanted.redirect_uri,
            "scope": " ".join(dict.fromkeys(["openid", *self._wanted.scopes])),
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
        }
        return flow, _with(await self._provider.log_in_page(), asked)

    def resume(self, kept: str | None, answer: Mapping[str, str]) -> Flow:
        """The log-in that a browser began; it ends by this, as what comes back a second time is a copy.

        Args:
            kept: what the browser's cookie holds.
            answer: as for `finish`.

        Raises:
            RefusedError: this browser began no such log-in.
        """
        flow = None if kept is None else Flow.read(kept, self._clock.now())
        state = answer.get("state", "").encode()
        if flow is None or not hmac.compare_digest(flow.state.encode(), state) or flow.state in self._ended:
            raise RefusedError(
                "This browser began no such log-in, or began it too long ago, or has ended it. Begin anew at "
                f"{self._wanted.log_in}, in this browser, with cookies allowed."
            )
        self._ended[flow.state] = None
        while len(self._ended) > _MOST_ENDED:
            self._ended.popitem(last=False)
        return flow

    async def finish(self, flow: Flow, answer: Mapping[str, str]) -> Newcomer:
        """Who has come back from the provider.

        Args:
            flow: the log-in that was resumed.
            answer: the query that the provider sent the browser back with (RFC 6749 §4.1.2).

        Raises:
            RefusedError: nobody is let in by that.
            ProviderError: the provider can't be asked, or what it says can't be used.
        """
        await self._check_answer(answer)
        code = answer.get("code", "")
        if not 0 < len(code) <= _LONGEST_CODE:
            raise RefusedError("The provider sent no code along. Log in again.")
        token = IdToken.read(await self._provider.redeem(code, flow.verifier))
        claims = await self._verified(token)
        check_claims(
            claims,
            issuer=self._provider.issuer,
            client_id=self._wanted.client_id,
            nonce=flow.nonce,
            now=self._clock.now(),
        )
        role = role_of(claims, self._wanted.role_claim, self._wanted.roles)
        name = name_of(claims, self._wanted.name_claim)
        return Newcomer(self._provider.issuer, subject_of(claims), name, role)

    async def log_out_url(self) -> str | None:
        """Where people log out at the provider (OpenID Connect RP-Initiated Logout 1.0); None where that can't be."""
        try:
            page = await self._provider.log_out_page()
        except ProviderError:
            return None
        asked = {"client_id": self._wanted.client_id, "post_logout_redirect_uri": self._wanted.log_in}
        return None if page is None else _with(page, asked)

    def renew(self) -> None:
        """Take up a secret that has changed."""
        if self._key is not None:
            self._key.renew()

    def trouble(self) -> str | None:
        """A sentence while nobody can log in this way, as far as is known here; else None."""
        return None if self._key is None else self._key.value.fault

    async def close(self) -> None:
        """Let go of connections."""
        await self._provider.close()

    async def _check_answer(self, answer: Mapping[str, str]) -> None:
        issuer = answer.get("iss")
        if issuer is None and await self._provider.names_itself():
            raise RefusedError("The provider did not name itself in its answer, as it says it does. Log in again.")
        if issuer not in {None, self._provider.issuer}:
            raise RefusedError("The answer comes from another provider than the one that was asked. Log in again.")
        error = answer.get("error")
        if error is None:
            return
        told = error if re.fullmatch(r"[a-z_]{1,60}", error) else "an error of its own"
        if error in _TRANSIENT:
            raise ProviderError(f"{self.name} can't log anybody in now: {told}.")
        raise RefusedError(
            f"{self.name} does not let you in: {told}. Whoever runs it can say why, and may have to assign you to "
            f"firstsight there."
        )

    async def _verified(self, token: IdToken) -> Claims:
        key = token.key(await self._provider.keys())
        if key is None:  # it may have new ones
            key = token.key(await self._provider.keys(anew=True))
        if key is None:
            raise RefusedError(
                "The provider's ID token is signed with none of the keys that it publishes. If its keys were changed "
                "just now, log in again in a minute."
            )
        return token.claims(key)


def _with(page: str, asked: Mapping[str, str]) -> str:
    return f"{page}{'&' if '?' in page else '?'}{urlencode(asked)}"
