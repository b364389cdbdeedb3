"""`/login/oidc` and what an identity provider sends people back to: the log-in of [oidc]."""

import structlog

from firstsight.access.access import Access
from firstsight.access.attempts import Attempts
from firstsight.access.flow import LASTS
from firstsight.access.people import BY_PROVIDER, Newcomer
from firstsight.access.sign_on import SignOn
from firstsight.core.deeds import By, Deed
from firstsight.core.errors import FirstsightError, ProviderError, RefusedError, StoreError
from firstsight.ports import Clock
from firstsight.web.asgi import Receive, Scope, Send
from firstsight.web.asker import Asker, asker
from firstsight.web.cookies import cookie_under_way, under_way
from firstsight.web.forms import fields
from firstsight.web.login_page import onward, own_page, see, show, ways_in
from firstsight.web.sessions import begin_session, secure

log = structlog.get_logger()

BEGIN, CALLBACK = "/login/oidc", "/login/oidc/callback"

PATHS = frozenset({BEGIN, CALLBACK})

_AT_ONCE = 16  # log-ins that wait for the provider
_PACE = 60.0  # seconds between two log lines of the same failure
_NAME = BY_PROVIDER  # what wrong ones are counted by: the name of nobody


class SignOnPages:
    """An ASGI app for `PATHS`, behind Auth.

    Args:
        access: people, the trail, and the provider.
        attempts: what was tried in vain.
        clock: the time.
    """

    def __init__(self, access: Access, attempts: Attempts, clock: Clock) -> None:
        self._access = access
        self._attempts = attempts
        self._clock = clock
        self._waiting = 0
        self._said = "", 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's
        """Answer."""
        sign_on, who = self._access.sign_on, asker(scope)
        if sign_on is None:
            await self._fail(scope, send, 404, "Nobody logs in by an identity provider here: [oidc] is not set.")
            return
        if scope["method"] != "GET":  # HEAD: what only looks ends no log-in
            await show(scope, send, 405, "", (b"allow", b"GET"))
            return
        wait = self._attempts.wait(who.client, _NAME)
        if wait or self._waiting >= _AT_ONCE:
            later = (b"retry-after", str(int(wait) + 1).encode())
            await self._fail(scope, send, 429, "Too many attempts. Try again in a while.", later)
            return
        self._waiting += 1
        try:
            await (self._begin if scope["path"] == BEGIN else self._finish)(scope, send, sign_on, who)
        except FirstsightError as error:
            self._say(str(error), who.client)
            if isinstance(error, StoreError):
                await self._fail(scope, send, 503, "Nobody can log in now: the store can't be used. The log says why.")
            else:
                await self._fail(scope, send, 503 if isinstance(error, ProviderError) else 403, str(error))
        finally:
            self._waiting -= 1

    async def _begin(self, scope: Scope, send: Send, sign_on: SignOn, _: Asker) -> None:
        wanted = own_page(fields(scope.get("query_string", b"")).get("next", ""))
        flow, url = await sign_on.begin(wanted)
        await see(scope, send, url, self._keep(scope, flow.kept))

    async def _finish(self, scope: Scope, send: Send, sign_on: SignOn, who: Asker) -> None:
        answer = fields(scope.get("query_string", b""))
        try:
            flow = sign_on.resume(under_way(scope["headers"]), answer)
        except RefusedError as error:  # another site can send anybody here: it counts for nothing, and fills no log
            await self._fail(scope, send, 403, str(error))
            return
        self._attempts.failed(who.client, _NAME)  # until it is known to be right, so that many at once count as well
        try:
            newcomer = await sign_on.finish(flow, answer)
        except ProviderError:
            self._attempts.forgiven(who.client, _NAME)  # nobody's fault who logs in
            raise
        except RefusedError:
            self._refused(who)
            raise
        try:
            name = self._admitted(newcomer, who, sign_on.role_claim)
        except StoreError:
            self._attempts.forgiven(who.client, _NAME)  # likewise
            raise
        self._attempts.succeeded(who.client, _NAME)
        given = begin_session(self._access, scope, who, name, self._clock.now())
        wanted = own_page(flow.wanted)
        # Not a redirect: to the browser that would still be a request of the provider's site, which web/guard.py
        # refuses. The page that this is asks for the next one.
        page, onto = onward(f"You are {name}.", wanted, "Go on"), (b"refresh", f"0; url={wanted}".encode())
        await show(scope, send, 200, page, (b"set-cookie", given), self._keep(scope, ""), onto)

    def _say(self, what: str, client: str) -> None:
        """Log a failure; the same one, such as of a dead provider, once a minute."""
        now = self._clock.now()
        if what != self._said[0] or not 0 <= now - self._said[1] < _PACE:
            log.warning("sign_on_failed", client=client, what=what)
            self._said = what, now

    def _admitted(self, newcomer: Newcomer, who: Asker, role_claim: str) -> str:
        """The name of somebody who may come in; whoever has no role is out, also where they were in before."""
        people, role = self._access.people, newcomer.role

        def deed(what: str, name: str, about: str) -> Deed:
            return By(f"person:{name}", who.client).deed(what, self._clock.now(), about)

        if role is not None:
            return people.welcome(newcomer, role, deed)
        name = people.turn_away(newcomer, deed)
        self._refused(who, name)
        raise RefusedError(
            f"You are known as {newcomer.name}, and have no role here: the claim {role_claim} of your ID token gives "
            f"none. An admin can have one assigned to you at the provider; then log in again."
        )

    def _refused(self, who: Asker, about: str = "") -> None:
        somebody, at = By("", who.client), self._clock.now()
        self._access.trail.note(somebody.deed("login_failed", at, about))
        if self._attempts.wait(who.client, _NAME):
            self._access.trail.note(somebody.deed("login_locked", at, about))

    def _keep(self, scope: Scope, kept: str) -> tuple[bytes, bytes]:
        given = cookie_under_way(kept, secure=secure(self._access, scope), lasts=LASTS)
        return b"set-cookie", given

    async def _fail(self, scope: Scope, send: Send, status: int, sentence: str, *more: tuple[bytes, bytes]) -> None:
        await show(scope, send, status, ways_in(self._access, sentence, own_page("")), *more)
