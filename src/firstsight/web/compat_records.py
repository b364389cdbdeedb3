"""The compatibility API's other routes: statistics, what is remembered of domains, and readable names."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import parse_qs

from firstsight.core.dnsstat import Dialect, Record
from firstsight.core.facts import PENDING, Fact, Registration
from firstsight.core.names import Kind, unicode_of
from firstsight.core.policy import category
from firstsight.core.verdict import Seen
from firstsight.service import Service
from firstsight.web.asgi import Scope

_NO_KEY = {"text": "Try /cache_get?domain=markbaggett.com"}
_NOT_THERE = {"text": "That domain is not in the database."}
_NO_PUNYCODE = {"text": "Try /depuny?domain=xn--yutube-wqf.com"}
_RESET = {"text": "Success"}


class CompatRecords:
    """Answers as Domain Stats 1.0.1 words them. Asking records nothing.

    Attributes:
        routes: by path, without its slash.
        hit: look-ups of domains that were known, since the start or /stats-reset.
        miss: first contacts, likewise.
        rdap_good: look-ups that asked a registry and got a date, likewise.
        rdap_fail: look-ups that asked and got none, likewise.
    """

    def __init__(self, service: Service, dialect: Dialect, browse_limit: int) -> None:
        self._service = service
        self._dialect = dialect
        self._browse_limit = browse_limit
        self._browsing = asyncio.Lock()  # one thread at a time walks through the store
        self.hit = self.miss = self.rdap_good = self.rdap_fail = 0
        self.routes: dict[str, Callable[[Scope], Awaitable[bytes]]] = {
            "stats": self._stats,
            "stats-reset": self._stats_reset,
            "cache_get": self._cache_get,
            "cache_browse": self._cache_browse,
            "depuny": self._depuny,
        }

    async def _stats(self, _: Scope) -> bytes:
        trouble = self._service.not_ready()
        return _body(
            {
                "hit": self.hit,
                "miss": self.miss,
                "rdap_fail": self.rdap_fail,
                "rdap_good": self.rdap_good,
                "size": self._service.store.size(),
                "warnings": [] if trouble is None else [trouble],
            }
        )

    async def _stats_reset(self, _: Scope) -> bytes:
        self.hit = self.miss = self.rdap_good = self.rdap_fail = 0
        return _body(_RESET)

    async def _cache_get(self, scope: Scope) -> bytes:
        asked = _argument(scope, "domain")
        if asked is None:
            return _body(_NO_KEY)
        name = self._service.lens.parse(asked)
        if name.kind is not Kind.PUBLIC or name.fqdn != name.registrable:  # a host name is no key
            return _body(_NOT_THERE)
        seen = self._service.store.seen([name.fqdn]).get(name.fqdn, Seen())
        items = self._items([(name.fqdn, seen)])
        return _body(items[0] if items else _NOT_THERE)

    async def _cache_browse(self, scope: Scope) -> bytes:
        offset = _whole_number(_argument(scope, "offset"), 0)
        limit = _whole_number(_argument(scope, "limit"), self._browse_limit)
        limit = limit if 0 <= limit <= self._browse_limit else self._browse_limit
        if offset < 0 or not limit:
            return _body([])
        async with self._browsing:
            found = await asyncio.to_thread(self._service.store.browse, min(offset, 2**62), limit)
        items: list[dict[str, Any]] = self._items(found)
        if len(items) >= limit:
            items.insert(0, {"next": f"{_origin(scope)}/cache_browse?offset={offset + limit}&limit={limit}"})
        return _body(items)

    async def _depuny(self, scope: Scope) -> bytes:
        asked = _argument(scope, "domain")
        if asked is None:
            return _body(_NO_PUNYCODE)
        return _body(unicode_of(self._service.lens.parse(asked).fqdn or asked))

    def _items(self, domains: Sequence[tuple[str, Seen]]) -> list[dict[str, Any]]:
        """What is remembered of domains, as the original's cache lists it; those never seen or looked up are left out.

        A registration that is due to be asked for again is told as it was.
        """
        service = self._service
        names = [(service.lens.parse(domain), seen) for domain, seen in domains]
        answers = service.store.answers(sorted({name.registered for name, _ in names if name.registered}))
        items = []
        for name, seen in names:
            times = [time for time in (seen.first, seen.looked_up) if time is not None]
            if not times:
                continue
            answer = answers.get(name.registered)
            fact: Fact[Registration] = PENDING if answer is None else answer.fact
            fact = service.lens.age(name, fact)
            age = category(fact, service.policy, service.clock.now(), tenant=name.tenant)
            record: Record = self._dialect.record(service.lens.randomness(name).freq, age, fact, min(times))
            items.append({"cache_expires": "Never", "cache_value": record, "domain": name.registrable})
        return items


def _body(value: Any) -> bytes:
    """Compact JSON in ASCII with a final newline, as Flask writes it."""
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _argument(scope: Scope, key: str) -> str | None:
    """The first value of a key in the query; None where there is none."""
    found = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get(key)
    return found[0] if found else None


def _whole_number(text: str | None, default: int) -> int:
    try:
        return default if text is None else int(text)
    except ValueError:
        return default


def _origin(scope: Scope) -> str:
    """The address that was asked, as the client wrote it."""
    host = next((value.decode("latin-1") for key, value in scope["headers"] if key == b"host"), "")
    return f"{scope['scheme']}://{host}"
