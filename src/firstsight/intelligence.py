"""The composition of threat intelligence: settings in, what asks OTX out. A part of `compose`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from firstsight.access.keys import read_key
from firstsight.access.renewed import Renewed
from firstsight.core.facts import Fact, Intel
from firstsight.core.lens import Lens
from firstsight.lookups.fresh import Fresh
from firstsight.lookups.http import HttpClient
from firstsight.lookups.offline import Offline
from firstsight.lookups.otx import ANSWER_MOST, QUOTA_WITH_KEY, QUOTA_WITHOUT, Otx, hourly
from firstsight.lookups.shelves import intelligence as shelf_of
from firstsight.lookups.turns import Turns
from firstsight.lookups.way_out import WayOut
from firstsight.ports import Changes, Clock, Outsider, Store, Subject, Topic
from firstsight.service import Intelligence
from firstsight.settings import Settings

FLIGHTS = 8
"""Questions to OTX that are under way at once."""

OnAnswer = Callable[[Subject, Fact[Any], Changes], None]


def intelligence(
    settings: Settings,
    store: Store,
    clock: Clock,
    lens: Lens,
    on_answer: OnAnswer,
    *,
    user_agent: str,
    way_out: Callable[[], WayOut],
) -> Intelligence | None:
    """What asks OTX; None where that is off.

    Args:
        settings: the settings.
        store: holds questions and answers.
        clock: the time.
        lens: says what may be asked about a name.
        on_answer: takes (subject, fact, how to keep it); may raise StoreError.
        user_agent: what we say we are.
        way_out: makes the way to the Internet.
    """
    otx = settings.otx
    if not otx.url:
        return None
    path = Path(otx.key_file)
    key = Renewed(lambda: read_key(path, "otx.key_file", "OTX is not asked"), path) if otx.key_file else None
    limits = hourly(clock, otx.quota or (QUOTA_WITHOUT if key is None else QUOTA_WITH_KEY))
    asked: Otx | None = None
    outsider: Outsider[Intel] = Offline()
    if not settings.http.offline:
        http = HttpClient(user_agent, max_bytes=ANSWER_MOST, way_out=way_out(), connections=FLIGHTS)
        outsider = asked = Otx(
            otx.url,
            http,
            clock,
            limits,
            key="" if key is None else key.value.text,
            is_domain=lambda name: lens.parse(name).registered == name,
            authors=otx.authors,
            everybody=otx.all_authors,
            timeout=otx.timeout,
        )
    turns = Turns(store, outsider, limits, clock, each=FLIGHTS, topic=Topic.INTEL)
    fresh = Fresh(
        store,
        shelf_of(store, known=otx.known.seconds, absent=otx.absent.seconds),
        outsider,
        turns,
        limits,
        clock,
        lambda name, fact, changes: on_answer(Subject(Topic.INTEL, name), fact, changes),
        wanted=lambda name: bool(lens.indicators(lens.parse(name))),
        flights=FLIGHTS,
        offline=settings.http.offline,
    )
    return Intelligence(fresh, turns, asked, key)
