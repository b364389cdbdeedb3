"""The compatibility API: Domain Stats 1.0.1's `GET /<domain>`, for its clients as they are.

Key order, compactness and the final newline are part of the contract: the original's Zeek client splits the text.
What differs from the original, and why, is in docs/compatibility.md.
"""

from collections.abc import Awaitable
from contextlib import nullcontext, suppress
from dataclasses import dataclass

import msgspec

from firstsight.core.dnsstat import Dialect
from firstsight.core.errors import StoreError
from firstsight.core.facts import PENDING, Fact, Known, Registration, Unavailable
from firstsight.core.lens import has_registration
from firstsight.core.names import Kind, Name
from firstsight.core.policy import category
from firstsight.ports import Contact
from firstsight.service import Service
from firstsight.web.asgi import PROBLEM, Receive, Scope, Send, problem, reply
from firstsight.web.asker import asker
from firstsight.web.compat_records import CompatRecords
from firstsight.web.contacts import Contacts
from firstsight.web.lookup_events import LookupEvents
from firstsight.web.rendered import Rendered

_encode = msgspec.json.Encoder().encode
_USUAL = Dialect()
_ALLOW = ((b"allow", b"HEAD, OPTIONS, GET"),)
_HTML = b"text/html; charset=utf-8"
_READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class CompatOptions:
    """How the API answers.

    Attributes:
        dialect: how records are written.
        wait: seconds an answer waits for a registration at most.
        browse_limit: records of one /cache_browse at most.
        lookups_are_events: each look-up counts as a DNS event of the address that asks.
    """

    dialect: Dialect = _USUAL
    wait: float = 1.0
    browse_limit: int = 100
    lookups_are_events: bool = False


class Compat:
    """An ASGI app of its own: no framework on the path that old clients ask for each event.

    Args:
        service: the running service.
        options: how it answers.
    """

    def __init__(self, service: Service, options: CompatOptions) -> None:
        self._service = service
        self._contacts = Contacts(service.store, service.clock)
        self._dialect = options.dialect
        self._wait = options.wait
        self._rendered = Rendered()
        self._records = CompatRecords(service, options.dialect, options.browse_limit)
        self._events = LookupEvents(service.watch, service.clock) if options.lookups_are_events else None
        self._no_suffix = _encode(options.dialect.without_suffix()) + b"\n"

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # noqa: ARG002  # ASGI's signature
        """Answer one request; where the answer is at hand, as it nearly always is, only its sending is awaited."""
        asked = scope["path"][1:]
        if self._events is None and scope["method"] in _READING:
            answer = self._at_hand(asked)
            if answer is not None:
                return reply(scope, send, 200, answer)
        return self._respond(asked, scope, send)

    def _at_hand(self, asked: str) -> bytes | None:
        """The answer that was made lately for a name's domain. A domain's very name need not be parsed to find it.

        Host names are parsed and not remembered: a flood of new ones would drive out those of events.
        """
        rendered, now = self._rendered, self._service.clock.now()
        answer = rendered.get(asked, now) or rendered.get(self._service.lens.parser.parse(asked).registrable, now)
        self._records.hit += answer is not None
        return answer

    async def _respond(self, asked: str, scope: Scope, send: Send) -> None:
        method = scope["method"]
        if not asked or "/" in asked:
            detail = "A domain is asked for as /example.com; the native API is described at /docs."
            await reply(scope, send, 404, problem(404, "Not Found", detail), PROBLEM)
        elif method == "OPTIONS":
            await reply(scope, send, 200, b"", _HTML, _ALLOW)
        elif method not in _READING:
            detail = f"{method} is not for this route; ask with GET."
            await reply(scope, send, 405, problem(405, "Method Not Allowed", detail), PROBLEM, _ALLOW)
        else:
            route = self._records.routes.get(asked)
            try:
                body = await self._answer(asked, scope) if route is None else await route(scope)
            except StoreError as error:
                await reply(scope, send, 503, problem(503, "Service Unavailable", str(error)), PROBLEM)
            else:
                await reply(scope, send, 200, body)

    async def _answer(self, asked: str, scope: Scope) -> bytes:
        name = self._service.lens.parse(asked)
        if name.kind is not Kind.PUBLIC or name.registrable == name.suffix:
            await self._note_event(asked, scope)
            return self._no_suffix
        if self._events is not None and (answer := self._at_hand(asked)) is not None:
            await self._note_event(asked, scope)
            return answer
        now = self._service.clock.now()
        contact, fact = await self._contacts.note(name)
        self._records.hit += not contact.first
        self._records.miss += contact.first
        with suppress(StoreError) if contact.first else nullcontext():  # it is committed: it must be told now or never
            await self._note_event(asked, scope)
        if fact is None:
            fact = await self._registration(name)
        answer = self._render(name, contact, fact)
        if not contact.first and not (isinstance(fact, Unavailable) and fact.may_still_come):
            self._rendered.put(name.registrable, answer, now)
        return answer

    async def _note_event(self, asked: str, scope: Scope) -> None:
        """Count a look-up as an event. It comes behind the contact, which it would make a known domain's."""
        if self._events is None:
            return
        await self._events.note(asked, asker(scope).client or "unknown")

    def _render(self, name: Name, contact: Contact, fact: Fact[Registration]) -> bytes:
        lens = self._service.lens
        believed, freq = lens.age(name, fact), lens.letter_pairs(name)
        age = category(believed, self._service.policy, self._service.clock.now(), tenant=name.tenant)
        return _encode(self._dialect.record(freq, age, believed, contact.since, first=contact.first)) + b"\n"

    async def _registration(self, name: Name) -> Fact[Registration]:
        if not has_registration(name):
            return PENDING
        try:
            fact = await self._service.fresh.ask_out(name.registered, self._wait)
        except StoreError:
            return PENDING  # the contact is recorded: it must be told now or never
        self._records.rdap_good += isinstance(fact, Known)
        self._records.rdap_fail += not isinstance(fact, Known)
        return fact
