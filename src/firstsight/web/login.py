"""`/login` and `/logout`: people with a password here, and everybody's way out."""

import asyncio
from collections.abc import Mapping

import structlog

from firstsight.access.access import Access
from firstsight.access.attempts import Attempts
from firstsight.access.people import BY_PROVIDER
from firstsight.core.deeds import By
from firstsight.core.errors import StoreError
from firstsight.ports import Clock
from firstsight.web.asgi import Receive, Scope, Send
from firstsight.web.asker import Asker, asker
from firstsight.web.forms import TooLargeError, fields, read_body
from firstsight.web.login_page import logged_in, onward, own_page, see, show, ways_in
from firstsight.web.sessions import begin_session, end_cookie

log = structlog.get_logger()

PATHS = frozenset({"/login", "/logout"})

_WAITING = 8  # log-ins that wait for another's password to be looked at
_NO_USERS = "Nobody can log in here: no user may. An admin makes one on the machine itself, with `firstsight user add`."
_OUT, _OUT_THERE_TOO = "/login", "/login?out=1"


class Login:
    """An ASGI app for `PATHS`, behind Auth.

    Args:
        access: people, and the trail.
        attempts: what was tried in vain.
        clock: the time.
    """

    def __init__(self, access: Access, attempts: Attempts, clock: Clock) -> None:
        self._access = access
        self._attempts = attempts
        self._clock = clock
        self._one = asyncio.Lock()  # a password's work takes memory and a processor: one at a time, off the loop
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        who, post = asker(scope), scope["method"] == "POST"
        if not post:
            asked = fields(scope.get("query_string", b""))
            wanted = own_page(asked.get("next", ""))
            told = "" if self._access.has_people else _NO_USERS
            page = logged_in(who.session, wanted) if who.session else ways_in(self._access, told, wanted)
            if who.session is None and "out" in asked:
                page = await self._also_there() + page
            await show(scope, send, 200, page)
            return
        try:
            form = fields(await read_body(receive))
        except TooLargeError:
            form = {}
        act = self._log_out if scope["path"] == "/logout" else self._log_in
        try:
            await act(scope, send, who, form)
        except StoreError as error:
            log.warning("login_not_possible", what=str(error))
            sentence = "Nobody can log in or out now: the store can't be used. The log says why."
            await show(scope, send, 503, ways_in(self._access, sentence, own_page("")))

    async def _also_there(self) -> str:
        """What is told after a log-out: the identity provider's own session goes on, unless it is ended there."""
        sign_on = self._access.sign_on
        there = None if sign_on is None else await sign_on.log_out_url()
        if sign_on is None or there is None:
            return ""
        told = f"You are logged out here. {sign_on.name} may still know this browser."
        return onward(told, there, f"Log out of {sign_on.name} too")

    async def _log_in(self, scope: Scope, send: Send, who: Asker, form: Mapping[str, str]) -> None:
        name, wanted = form.get("name", ""), own_page(form.get("next", ""))
        if not self._access.people.passwords:
            await show(scope, send, 403, ways_in(self._access, "Nobody logs in with a password here.", wanted))
            return
        wait = self._attempts.wait(who.client, name)
        if wait or self._waiting >= _WAITING:
            page = ways_in(self._access, "Too many attempts. Try again in a while.", wanted)
            await show(scope, send, 429, page, (b"retry-after", str(int(wait) + 1).encode()))
            return
        person = self._access.people.find(name)
        # Counted before it is looked at, so that many at once count as well.
        self._attempts.failed(who.client, name)
        self._waiting += 1
        try:
            async with self._one:
                right = await asyncio.to_thread(self._access.people.right, form.get("password", ""), person)
        finally:
            self._waiting -= 1
        now = self._access.people.find(name)  # somebody may have removed them, or changed the password, meanwhile
        if not right or person is None or now is None or now.password != person.password:
            about = name if person else ""  # what nobody is called may be a password
            somebody, at = By("", who.client), self._clock.now()
            self._access.trail.note(somebody.deed("login_failed", at, about))
            if self._attempts.wait(who.client, name):
                self._access.trail.note(somebody.deed("login_locked", at, about))
            await show(scope, send, 401, ways_in(self._access, "Name or password is wrong.", wanted))
            return
        self._attempts.succeeded(who.client, name)
        given = begin_session(self._access, scope, who, name, self._clock.now())
        await see(scope, send, wanted, (b"set-cookie", given))

    async def _log_out(self, scope: Scope, send: Send, who: Asker, form: Mapping[str, str]) -> None:
        out = _OUT
        if who.session is not None:
            out = _OUT_THERE_TOO if who.session.person.startswith(BY_PROVIDER) else _OUT
            everywhere = "everywhere" in form
            deed = who.by.deed("logout", self._clock.now(), "everywhere" if everywhere else "")
            self._access.people.log_out(who.session, deed, everywhere=everywhere)
        await see(scope, send, out, (b"set-cookie", end_cookie(self._access, scope)))
