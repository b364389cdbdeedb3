"""`/login` and `/logout`: one page, made here, that needs no script and nobody's server."""

import asyncio
import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html import escape

import structlog

from firstsight.access.access import Access
from firstsight.access.attempts import Attempts
from firstsight.access.people import Session
from firstsight.core.deeds import Deed
from firstsight.core.errors import StoreError
from firstsight.ports import Clock
from firstsight.web.asgi import Receive, Scope, Send, peer_of, reply
from firstsight.web.asker import Asker, asker
from firstsight.web.cookies import cookie, secret_of, wants_secure
from firstsight.web.forms import TooLargeError, fields, read_body
from firstsight.web.plain import HTML, plain_page

log = structlog.get_logger()

PATHS = frozenset({"/login", "/logout"})

_HOME = "/ui/"
_OWN_PAGE = re.compile(r"/ui(/[A-Za-z0-9._~/-]*)?(\?[\x21-\x5b\x5d-\x7e]*)?")
_WAITING = 8  # log-ins that wait for another's password to be looked at
_STYLE = "body{font:1rem system-ui;max-width:22rem;margin:15vh auto;padding:0 1rem}label,input,button{display:block;\
width:100%;box-sizing:border-box;font:inherit}input,button{padding:.5rem;margin:.25rem 0 1rem}"
POLICY = (
    b"default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; style-src 'sha256-"
    + b64encode(sha256(_STYLE.encode()).digest())
    + b"'"
)
"""The page's Content-Security-Policy: nothing but its own style."""


class Login:
    """An ASGI app for `PATHS`, behind Auth.

    Args:
        access: people, and the trail.
        clock: the time.
    """

    def __init__(self, access: Access, clock: Clock) -> None:
        self._access = access
        self._clock = clock
        self._attempts = Attempts(clock)
        self._one = asyncio.Lock()  # a password's work takes memory and a processor: one at a time, off the loop
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        who, post = asker(scope), scope["method"] == "POST"
        if not post:
            wanted = own_page(fields(scope.get("query_string", b"")).get("next", ""))
            page = _logged_in(who.session, wanted) if who.session else _form("", wanted)
            await _show(scope, send, 200, page)
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
            await _show(scope, send, 503, _form(sentence, _HOME))

    async def _log_in(self, scope: Scope, send: Send, who: Asker, form: Mapping[str, str]) -> None:
        name, wanted = form.get("name", ""), own_page(form.get("next", ""))
        wait = self._attempts.wait(who.client, name)
        if wait or self._waiting >= _WAITING:
            page = _form("Too many attempts. Try again in a while.", wanted)
            await _show(scope, send, 429, page, (b"retry-after", str(int(wait) + 1).encode()))
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
            self._access.trail.note(self._deed("login_failed", "", who, about))
            if self._attempts.wait(who.client, name):
                self._access.trail.note(self._deed("login_locked", "", who, about))
            await _show(scope, send, 401, _form("Name or password is wrong.", wanted))
            return
        self._attempts.succeeded(who.client, name)
        if (before := secret_of(scope["headers"])) and (session := self._access.people.session(before)):
            self._access.people.log_out(session, self._deed("logout", f"person:{session.person}", who))
        secret = self._access.people.log_in(name, self._deed("login", f"person:{name}", who))
        await _see(scope, send, wanted, (b"set-cookie", cookie(secret, secure=self._secure(scope))))

    async def _log_out(self, scope: Scope, send: Send, who: Asker, form: Mapping[str, str]) -> None:
        if who.session is not None:
            everywhere = "everywhere" in form
            deed = self._deed("logout", who.who, who, "everywhere" if everywhere else "")
            self._access.people.log_out(who.session, deed, everywhere=everywhere)
        await _see(scope, send, "/login", (b"set-cookie", cookie("", secure=self._secure(scope))))

    def _deed(self, what: str, whom: str, who: Asker, about: str = "") -> Deed:
        return Deed(what, whom, self._clock.now(), about, who.client)

    def _secure(self, scope: Scope) -> bool:
        return wants_secure(scope, local=self._access.peers.local(peer_of(scope), scope["headers"]))


def own_page(wanted: str) -> str:
    """Where to go after the log-in: a page of ours, whatever was asked for."""
    return wanted if _OWN_PAGE.fullmatch(wanted) else _HOME


def _form(sentence: str, wanted: str) -> str:
    told = f'<p role="alert">{escape(sentence)}</p>' if sentence else ""
    return (
        f'{told}<form method="post" action="/login"><input type="hidden" name="next" value="{escape(wanted)}">'
        '<label for="name">Name</label><input id="name" name="name" autocomplete="username" required autofocus>'
        '<label for="password">Password</label><input id="password" name="password" type="password" '
        'autocomplete="current-password" required><button>Log in</button></form>'
    )


def _logged_in(session: Session, wanted: str) -> str:
    csrf = f'<input type="hidden" name="csrf" value="{session.csrf}">'
    return (
        f'<p>You are {escape(session.person)} ({session.role}). <a href="{escape(wanted)}">Go on</a></p>'
        f'<form method="post" action="/logout">{csrf}<button>Log out</button></form>'
        f'<form method="post" action="/logout">{csrf}<button name="everywhere" value="1">Log out everywhere</button>'
        "</form>"
    )


async def _show(scope: Scope, send: Send, status: int, inner: str, *more: tuple[bytes, bytes]) -> None:
    page = plain_page("Log in – firstsight", f"<main><h1>firstsight</h1>{inner}</main>", _STYLE)
    await reply(scope, send, status, page, HTML, more)


async def _see(scope: Scope, send: Send, where: str, *more: tuple[bytes, bytes]) -> None:
    await reply(scope, send, 303, b"", HTML, ((b"location", where.encode()), *more))
