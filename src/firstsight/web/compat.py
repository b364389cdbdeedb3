"""The compatibility API: Domain Stats 1.0.1's `GET /<domain>`, for its clients as they are.

Key order, compactness and the final newline are part of the contract: the original's Zeek client splits the text.
What differs from the original, and why, is in docs/compatibility.md.
"""

from wsgiref.handlers import format_date_time

import msgspec

from firstsight.core.errors import StoreError
from firstsight.core.facts import PENDING, Fact, Known, Registration, Unavailable
from firstsight.core.lens import has_registration
from firstsight.core.names import Kind, Name
from firstsight.core.policy import category
from firstsight.ports import Contact
from firstsight.service import Service
from firstsight.web.asgi import PROBLEM, Receive, Scope, Send, problem, reply
from firstsight.web.contacts import Contacts
from firstsight.web.rendered import Rendered

NO_SUFFIX = (
    b'{"alerts":["No valid eTLD exists for this domain."],"category":"ERROR","freq_score":"ERROR",'
    b'"seen_by_isc":"ERROR","seen_by_web":"ERROR","seen_by_you":"ERROR"}\n'
)

_encode = msgspec.json.Encoder().encode


class Compat:
    """An ASGI app of its own: no framework on the path that old clients ask for each event.

    Args:
        service: the running service.
        freq_avg: average letter-pair score below which a name is suspect.
        freq_word: word score likewise.
        wait: seconds an answer waits for a registration at most.
    """

    def __init__(self, service: Service, *, freq_avg: float, freq_word: float, wait: float) -> None:
        self._service = service
        self._contacts = Contacts(service.store, service.clock)
        self._freq_avg = freq_avg
        self._freq_word = freq_word
        self._wait = wait
        self._rendered = Rendered()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's signature
        """Answer one request."""
        asked = scope["path"][1:]
        if scope["method"] not in {"GET", "HEAD"}:
            detail = f"{scope['method']} is not for this route; ask with GET."
            await reply(
                scope, send, 405, problem(405, "Method Not Allowed", detail), PROBLEM, ((b"allow", b"GET, HEAD"),)
            )
        elif not asked or "/" in asked:
            detail = "A domain is asked for as /example.com; the native API is described at /docs."
            await reply(scope, send, 404, problem(404, "Not Found", detail), PROBLEM)
        else:
            try:
                body = await self._answer(asked)
            except StoreError as error:
                await reply(scope, send, 503, problem(503, "Service Unavailable", str(error)), PROBLEM)
            else:
                await reply(scope, send, 200, body)

    async def _answer(self, asked: str) -> bytes:
        name = self._service.lens.parse(asked)
        if name.kind is not Kind.PUBLIC or name.registrable == name.suffix:
            return NO_SUFFIX
        now = self._service.clock.now()
        rendered = self._rendered.get(name.registrable, now)
        if rendered is not None:
            return rendered
        contact, fact = await self._contacts.note(name)
        if fact is None:
            fact = await self._registration(name)
        answer = self._render(name, contact, fact)
        if not contact.first and not (isinstance(fact, Unavailable) and fact.may_still_come):
            self._rendered.put(name.registrable, answer, now)
        return answer

    def _render(self, name: Name, contact: Contact, fact: Fact[Registration]) -> bytes:
        average, word = self._service.lens.letter_pairs(name)
        alerts = []
        low = (average < self._freq_avg) + (word < self._freq_word)
        if low:
            alerts.append("SUSPECT-FREQ-SCORE" if low == 1 else "LOW-FREQ-SCORES")
        if contact.first:
            alerts.append("YOUR-FIRST-CONTACT")
        known = fact.value if isinstance(fact, Known) else None
        answer = {
            "alerts": alerts,
            "category": category(fact, self._service.policy, self._service.clock.now()),
            "freq_score": [average, word],
            "seen_by_isc": "UNKNOWN" if known is None else known.source,
            "seen_by_web": "UNKNOWN" if known is None else format_date_time(known.registered),
            "seen_by_you": format_date_time(contact.since),
        }
        return _encode(answer) + b"\n"

    async def _registration(self, name: Name) -> Fact[Registration]:
        if not has_registration(name):
            return PENDING
        try:
            return await self._service.fresh.ask_out(name.registered, self._wait)
        except StoreError:
            return PENDING  # the contact is recorded: it must be told now or never
