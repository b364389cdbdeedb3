"""The page of `/login`, and what is told there: made here, it needs no script and nobody's server."""

import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from urllib.parse import quote

from firstsight.access.access import Access
from firstsight.access.people import Session
from firstsight.web.asgi import Scope, Send, reply
from firstsight.web.plain import HTML, plain_page

_HOME = "/ui/"
_OWN_PAGE = re.compile(r"/ui(/[A-Za-z0-9._~/-]*)?(\?[\x21-\x5b\x5d-\x7e]*)?")
_STYLE = "body{font:1rem system-ui;max-width:22rem;margin:15vh auto;padding:0 1rem}label,input,button{display:block;\
width:100%;box-sizing:border-box;font:inherit}input,button{padding:.5rem;margin:.25rem 0 1rem}"
POLICY = (
    b"default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; style-src 'sha256-"
    + b64encode(sha256(_STYLE.encode()).digest())
    + b"'"
)
"""The page's Content-Security-Policy: nothing but its own style."""


def own_page(wanted: str) -> str:
    """Where to go after the log-in: a page of ours, whatever was asked for."""
    return wanted if _OWN_PAGE.fullmatch(wanted) else _HOME


def ways_in(access: Access, sentence: str, wanted: str) -> str:
    """The ways to log in that are open, HTML.

    Args:
        access: which those are.
        sentence: told above them; empty: nothing.
        wanted: the page that they lead to.
    """
    inner = _told(sentence)
    if access.sign_on is not None:
        # A link: what a form is sent to may lead nowhere else in some browsers (CSP 3, form-action).
        at = f"/login/oidc?next={quote(wanted, safe='')}"
        inner += f'<p><a href="{escape(at)}">Log in with {escape(access.sign_on.name)}</a></p>'
    return inner + _form(wanted) if access.people.passwords else inner


def logged_in(session: Session, wanted: str) -> str:
    """Who is logged in, and the ways out, HTML."""
    csrf = f'<input type="hidden" name="csrf" value="{session.csrf}">'
    return (
        f'<p>You are {escape(session.person)} ({session.role}). <a href="{escape(wanted)}">Go on</a></p>'
        f'<form method="post" action="/logout">{csrf}<button>Log out</button></form>'
        f'<form method="post" action="/logout">{csrf}<button name="everywhere" value="1">Log out everywhere</button>'
        "</form>"
    )


def onward(sentence: str, wanted: str, word: str) -> str:
    """A sentence and a link, HTML."""
    return f'{_told(sentence)}<p><a href="{escape(wanted)}">{escape(word)}</a></p>'


async def show(scope: Scope, send: Send, status: int, inner: str, *more: tuple[bytes, bytes]) -> None:
    """Answer with the page; `more`: further headers."""
    page = plain_page("Log in – firstsight", f"<main><h1>firstsight</h1>{inner}</main>", _STYLE)
    await reply(scope, send, status, page, HTML, more)


async def see(scope: Scope, send: Send, where: str, *more: tuple[bytes, bytes]) -> None:
    """Send the browser elsewhere."""
    await reply(scope, send, 303, b"", HTML, ((b"location", where.encode()), *more))


def _told(sentence: str) -> str:
    return f'<p role="alert">{escape(sentence)}</p>' if sentence else ""


def _form(wanted: str) -> str:
    return (
        f'<form method="post" action="/login"><input type="hidden" name="next" value="{escape(wanted)}">'
        '<label for="name">Name</label><input id="name" name="name" autocomplete="username" required autofocus>'
        '<label for="password">Password</label><input id="password" name="password" type="password" '
        'autocomplete="current-password" required><button>Log in</button></form>'
    )
