"""The composition root: settings in, running service out."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from firstsight import __version__, tables
from firstsight.access.access import Access
from firstsight.access.certificate import Certificate
from firstsight.access.peers import Peers
from firstsight.access.refusals import Refusals
from firstsight.access.renewed import Renewed
from firstsight.access.tokens import read_tokens
from firstsight.core.errors import SettingsError
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.lens import Lens
from firstsight.core.names import Name
from firstsight.core.policy import Policy
from firstsight.core.popular import Popular
from firstsight.lookups.bootstrap import Bootstrap
from firstsight.lookups.fresh import Fresh
from firstsight.lookups.http import HttpClient
from firstsight.lookups.offline import Offline
from firstsight.lookups.polite import Limits
from firstsight.lookups.popular import MOST_PACKED, PopularFetch
from firstsight.lookups.rdap import Rdap
from firstsight.ports import Clock, Registry, Sink, Source
from firstsight.service import Service
from firstsight.settings import Settings
from firstsight.sinks.jsonl import AlertFile
from firstsight.sinks.wazuh import WazuhQueue
from firstsight.sources.wazuh import WazuhSource
from firstsight.store.sightings import Fronts
from firstsight.store.sqlite import SqliteStore
from firstsight.watch.decisions import Decisions
from firstsight.watch.exceptions import Exceptions
from firstsight.watch.learning import LearningReports
from firstsight.watch.loop import Watch
from firstsight.watch.nodes import Nodes

USER_AGENT = f"firstsight/{__version__} (DNS first-sight monitor; registration age of newly seen domains)"


class SystemClock:
    """The machine's clock."""

    @staticmethod
    def now() -> float:
        """Seconds since the epoch."""
        return time.time()  # noqa: TID251  # this is the clock


def lens(settings: Settings) -> Lens:
    """The tables that say something of a name.

    Raises:
        InputError: a table or an internal suffix can't be used.
    """
    parser = tables.name_parser(settings.names.internal)
    pairs, low = tables.letter_pairs()
    return Lens(parser, pairs, low, popular_lists(settings, parser.parse))


def popular_lists(settings: Settings, parse: Callable[[str], Name]) -> tuple[Popular, ...]:
    """The lists of popular domains, the most telling first: the site's import, the fetched one, the shipped one.

    Raises:
        InputError: one of them can't be used.
    """
    top = settings.popular.top
    found = [tables.popular_file(settings.popular_path, "imported", parse, top)]
    if settings.popular.url:
        host = urlsplit(settings.popular.url).hostname or "fetched"
        found.append(tables.popular_file(settings.fetched_popular_path, host, parse, top))
    return (*(listing for listing in found if listing is not None), tables.built_in_popular(parse))


def service(settings: Settings, clock: Clock | None = None) -> Service:
    """Everything, wired; nothing runs yet.

    Raises:
        FirstsightError: a sentence says what can't be used and what to do.
    """
    clock = clock or SystemClock()
    prepare_folder(settings.data_dir)
    sight = lens(settings)
    policy = Policy(
        new_days=settings.registration.new_days,
        learning_days=settings.learning.days,
        established_days=settings.compat.established_days,
    )
    # Whatever may be wrong with the settings is told before the store is opened and locked.
    sources, sinks, registry = _sources(settings, clock), _sinks(settings, clock), _registry(settings, clock)
    access, parse = _access(settings, clock), sight.parser.parse
    written, fetch = written_exceptions(settings, parse), _popular_fetch(settings, clock, parse)
    memory = settings.memory
    store = SqliteStore(
        settings.store_path,
        clock,
        sinks=[sink.name for sink in sinks],
        local=[WazuhQueue.name],
        newly_active_days=settings.alerts.newly_active_days,
        fronts=Fronts(memory.domains, memory.pairs, memory.hosts),
    )
    exceptions = Exceptions(store, clock, written)
    decisions = Decisions(
        store,
        sight,
        policy,
        clock,
        deadline=settings.registration.deadline,
        offline=settings.http.offline,
        excepted=exceptions.matching,
    )
    watch = Watch(store, sight, decisions, clock, sources=sources, sinks=sinks)
    fresh = Fresh(store, registry, clock, watch.learned, offline=settings.http.offline)
    reports = LearningReports(store, sight, policy, clock, decisions, settings.data_dir)
    nodes = Nodes(store, clock)
    notes = tuple(_notes(settings))
    return Service(
        store, sight, policy, clock, watch, nodes, fresh, reports, exceptions, fetch, access, clock.now(), notes
    )


def prepare_folder(folder: Path) -> None:
    """Make the data folder (0700) where it is absent.

    Raises:
        SettingsError: it can't be made, or belongs to another user.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = folder.stat().st_uid
    except OSError as error:
        raise SettingsError(
            f"The data folder {folder} can't be made ({error.strerror}). Make it for the user who runs firstsight, or "
            f"name another one in `data_dir`."
        ) from error
    if owner != os.geteuid():
        raise SettingsError(
            f"The data folder {folder} belongs to user id {owner}, and this is user id {os.geteuid()}. A second "
            f"owner's files would lock the first one out: run this as `sudo -u '#{owner}' firstsight …`."
        )


def _sources(settings: Settings, clock: Clock) -> list[Source]:
    sources: list[Source] = []
    for source in settings.sources:
        name = source.name or str(source.path)
        if any(name == other.name for other in sources):
            raise SettingsError(
                f"Two sources are named {name}: each has a checkpoint of its own. Give one another `name`."
            )
        sources.append(WazuhSource(name, source.path, source.start, clock))
    return sources


def _sinks(settings: Settings, clock: Clock) -> list[Sink]:
    sinks: list[Sink] = []
    if settings.wazuh.queue:
        sinks.append(WazuhQueue(Path(settings.wazuh.queue), clock))
    if settings.alerts.file:
        sinks.append(AlertFile(Path(settings.alerts.file), clock))
    return sinks


def _registry(settings: Settings, clock: Clock) -> Registry:
    if settings.http.offline:
        return Offline()
    registration = settings.registration
    data, origin = tables.rdap_servers(registration.bootstrap)
    bootstrap = Bootstrap.parse(data, origin, own=registration.servers, trusted=bool(registration.bootstrap))
    limits = Limits(clock, registration.rate, registration.burst)
    return Rdap(bootstrap, HttpClient(USER_AGENT), clock, limits, registration.deadline)


def _popular_fetch(settings: Settings, clock: Clock, parse: Callable[[str], Name]) -> PopularFetch | None:
    popular = settings.popular
    if not popular.url or not popular.top or settings.http.offline:
        return None
    return PopularFetch(list_client(), popular.url, settings.fetched_popular_path, parse, popular.top, clock)


def list_client() -> HttpClient:
    """What fetches popular lists."""
    return HttpClient(USER_AGENT, max_bytes=MOST_PACKED)


def written_exceptions(settings: Settings, parse: Callable[[str], Name]) -> Renewed[tuple[ExceptionRule, ...]] | None:
    """The site's exceptions file, read again when it changes; None where it has none.

    Raises:
        InputError: it can't be used as it is.
    """
    if not settings.exceptions.file:
        return None
    path = Path(settings.exceptions.file)
    return Renewed(lambda: tables.exceptions_file(path, parse), path)


def _access(settings: Settings, clock: Clock) -> Access:
    tls, token_file = settings.tls, Path(settings.auth.token_file)
    return Access(
        Refusals(clock),
        Peers(settings.web.trusted_proxies),
        Renewed(lambda: read_tokens(token_file), token_file) if settings.auth.token_file else None,
        Certificate(Path(tls.cert), Path(tls.key), clock) if tls.cert else None,
    )


def _notes(settings: Settings) -> list[str]:
    notes = []
    if not settings.sources:
        notes.append(
            "No source is set: only what is looked up or handed over is known. Add [[sources]] with the path of "
            "alerts.json."
        )
    if not settings.wazuh.queue and not settings.alerts.file:
        notes.append("No way out is set: alerts are kept for the API only. Set [wazuh] queue or [alerts] file.")
    return notes
