"""Browsers of people who log in to a running service."""

import re
from typing import Any
from urllib.parse import urlencode

from firstsight.access.people import Role
from firstsight.core.deeds import EVERY_DEED
from registers_of_tests import PASSWORD, cheap_password, deed
from running import Client, InThread, Reply

PROXY = "127.0.0.2"
"""Who asks from there comes through a proxy, and is not of this machine."""


def admit(service: InThread, name: str, role: Role) -> None:
    """Let somebody log in, with PASSWORD."""
    people = service.parts.access.people
    service.do(lambda: people.add(name, role, cheap_password(), deed("user_added", name)))


def told(service: InThread) -> list[tuple[str, str, str, str]]:
    """What the trail holds: of each deed what, by whom, about what, from where."""
    deeds = service.do(lambda: service.parts.access.trail.deeds(EVERY_DEED, after=0, limit=1000))
    return [(deed.what, deed.who, deed.about, deed.origin) for _, deed in deeds]


class Browser(Client):
    """A browser behind the proxy: it keeps its cookie and sends forms. `client` is the address it has there."""

    def __init__(self, service: InThread, client: str = "192.0.2.1") -> None:
        super().__init__(service.url, PROXY)
        self.cookie = ""
        self.client = client

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, /, **headers: str) -> Reply:
        """Ask with the cookie, and keep the one that comes back."""
        mine = {"Cookie": self.cookie} if self.cookie else {}
        reply = self.get(path, method, body, X_Forwarded_For=self.client, **mine | headers)
        if given := reply.headers.get("set-cookie"):
            self.cookie = given.partition(";")[0]
        return reply

    def send(self, path: str, /, **fields: str) -> Reply:
        """Send a form."""
        form = urlencode(fields).encode()
        return self.ask(path, "POST", form, Content_Type="application/x-www-form-urlencoded")

    def log_in(self, name: str, password: str = PASSWORD, **more: Any) -> Reply:
        """Send the log-in form."""
        return self.send("/login", name=name, password=password, **more)

    def csrf(self) -> str:
        """The session's CSRF token, as a page tells it."""
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.ask("/login").body.decode())
        assert found is not None
        return found[1]
