"""The composition root: settings in, running service out."""

import os
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit

from firstsight import tables
from firstsight.access.renewed import Renewed
from firstsight.clock import SystemClock
from firstsight.core import dnsstat_event, wazuh_event
from firstsight.core.bursts import BurstRule
from firstsight.core.disguise import as_it_is
from firstsight.core.dnsstat import Dialect
from firstsight.core.errors import InputError, SettingsError
from firstsight.core.evidence import ISC, KNOWN_SINCE, NRD
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.front import Fronts
from firstsight.core.lens import Lens, has_registration
from firstsight.core.names import Kind, Name, NameParser
from firstsight.core.policy import Policy
from firstsight.core.randomness import Thresholds
from firstsight.disguises import disguise_of, key_changed, known_by
from firstsight.entrance import Entrance
from firstsight.fetching import USER_AGENT, popular_fetch, way_out
from firstsight.intelligence import intelligence
from firstsight.lookups.amiss import registries_amiss
from firstsight.lookups.fresh import Fresh
from firstsight.lookups.polite import Limits
from firstsight.lookups.shelves import registrations
from firstsight.lookups.turns import Turns
from firstsight.ports import Clock, Render, Sink, Source, Subject, Topic
from firstsight.registries import registries, registry_hosts
from firstsight.service import Service
from firstsight.settings import AlertsSettings, Settings
from firstsight.sinks.jsonl import AlertFile
from firstsight.sinks.wazuh import WazuhQueue
from firstsight.sources.wazuh import WazuhSource
from firstsight.store.sqlite import SqliteStore
from firstsight.store.trouble import absent
from firstsight.store.views import SqliteViews
from firstsight.watch.daily import Daily
from firstsight.watch.decisions import Decisions
from firstsight.watch.deeds import DeedNotices
from firstsight.watch.erasure import Erasure
from firstsight.watch.exceptions import Exceptions
from firstsight.watch.imports import Imports
from firstsight.watch.learning import LearningReports
from firstsight.watch.loop import Watch
from firstsight.watch.nodes import Nodes
from firstsight.watch.notices import Notices
from firstsight.watch.outside import IntelRule
from firstsight.watch.troubles import Troubles
from firstsight.web.compat import CompatOptions
from firstsight.web.discretion import DiscreetViews

FLIGHTS = 256
"""Questions to registries that are under way at once, over all of them."""


def lens(settings: Settings) -> Lens:
    """The tables that say something of a name.

    Raises:
        InputError: a table or an internal suffix can't be used.
    """
    parser = tables.name_parser(settings.names.internal)
    thresholds = Thresholds(settings.randomness.threshold, settings.randomness.weak)
    looks = tables.looks(thresholds, tables.imported_freq(settings.freq_path))
    popular = tables.popular_lists(settings.popular_files, parser.parse, settings.popular.top)
    sight = Lens(parser, looks, popular, _own(settings, parser))
    sight.days = tables.day_lists(days_paths(settings))
    return sight


def days_paths(settings: Settings) -> dict[str, Path]:
    """Where the lists lie that say something of domains' ages, by source."""
    return {source: settings.days_path(source) for source in (ISC, NRD, KNOWN_SINCE)}


def _own(settings: Settings, parser: NameParser) -> set[str]:
    """Registrable domains of those whom we ask for ages and of OTX."""
    hosts = registry_hosts(settings) | {urlsplit(settings.otx.url).hostname}
    return {name.registrable for host in hosts if (name := parser.parse(host)).kind is Kind.PUBLIC}


def compat_options(settings: Settings) -> CompatOptions:
    """How the compatibility API answers."""
    compat = settings.compat
    return CompatOptions(dialect(settings), compat.wait, compat.browse_limit, compat.lookups_are_events)


def dialect(settings: Settings) -> Dialect:
    """How Domain Stats' words are used here."""
    compat = settings.compat
    return Dialect(compat.freq, compat.freq_avg, compat.freq_word, compat.timezone_offset)


def policy(settings: Settings) -> Policy:
    """The thresholds."""
    return Policy(
        new_days=settings.registration.new_days,
        very_new_days=settings.registration.very_new_days,
        learning_days=settings.learning.days,
        established_days=settings.compat.established_days,
    )


def service(settings: Settings, clock: Clock | None = None) -> Service:
    """Everything, wired; nothing runs yet.

    Raises:
        FirstsightError: a sentence says what can't be used and what to do.
    """
    clock = clock or SystemClock()
    prepare_folder(settings.data_dir)
    sight, thresholds = lens(settings), policy(settings)
    notes = _notes(settings)
    try:
        sight.looks.teach(tables.lesson(settings.lesson_path, sight.looks.model.table))
    except InputError as error:
        notes.append(f"{error} Until then, and a restart, the shipped model is used as it is.")
    # Whatever may be wrong with the settings is told before the store is opened and locked.
    sources, sinks = _sources(settings, clock), _sinks(settings, clock)
    limits = Limits(clock, settings.registration.rate, settings.registration.burst)
    parse = sight.parser.parse
    out = cache(lambda: way_out(settings, parse))  # made once, and only where somebody outside may be asked
    entrance = Entrance(settings, clock, user_agent=USER_AGENT, way_out=out)
    registry, renewal = registries(settings, clock, limits, user_agent=USER_AGENT, way_out=out, flights=FLIGHTS)
    written, fetch = written_exceptions(settings, parse), popular_fetch(settings, clock, parse, out)
    memory = settings.memory
    disguise = disguise_of(settings)
    evidence = as_it_is if disguise is None else disguise.evidence
    store = SqliteStore(
        settings.store_path,
        clock,
        sinks=[sink.name for sink in sinks],
        local=[WazuhQueue.name],
        newly_active_days=settings.alerts.newly_active_days,
        fronts=Fronts(memory.domains, memory.pairs, memory.hosts),
        evidence=evidence,
    )
    notes += key_changed(settings, store.database, clock)
    exceptions = Exceptions(store, clock, written)
    turns = Turns(store, registry, limits, clock)
    lines = {Topic.REGISTRATION: turns}
    access = entrance.access(store.database)
    decisions = Decisions(
        store,
        sight,
        thresholds,
        clock,
        deadline=settings.registration.deadline,
        may_wait=lambda subject, seconds: lines[subject.topic].may_wait(subject.name, seconds),
        intel=IntelRule(everything=settings.otx.ask == "all") if settings.otx.url else None,
        offline=settings.http.offline,
        window=settings.alerts.window.seconds,
        evidence=evidence,
        burst=_burst(settings.alerts),
        excepted=exceptions.matching,
    )
    watch = Watch(store, sight, decisions, clock, sources=sources, sinks=sinks)
    fresh = Fresh(
        store,
        registrations(store),
        registry,
        turns,
        limits,
        clock,
        lambda name, fact, changes: watch.learned(Subject(Topic.REGISTRATION, name), fact, changes),
        wanted=lambda domain: has_registration(sight.parse(domain)),
        flights=FLIGHTS,
        offline=settings.http.offline,
    )
    intel = intelligence(settings, store, clock, sight, watch.learned, user_agent=USER_AGENT, way_out=out)
    if intel is not None:
        lines[Topic.INTEL] = intel.turns
    reports = LearningReports(store, sight, thresholds, clock, decisions, settings.data_dir)
    nodes = Nodes(store, clock, _renders(settings))
    alerts = settings.alerts
    troubles = Troubles(
        store,
        watch,
        lambda: registries_amiss(fresh),
        clock,
        intelligence=lambda: None if intel is None else intel.trouble(),
        silent=alerts.source_silent.seconds,
        lagging=alerts.source_lagging.seconds,
    )
    daily = Daily(store, at=alerts.digest.seconds, agent_silent=alerts.agent_silent.seconds)
    notices = Notices(store, troubles, watch.sinks, clock, daily, DeedNotices(store, access.trail))
    imports = Imports(settings.imports_path, store, clock)
    keep = settings.retention
    erasure = Erasure(
        store,
        clock,
        who_days=_days(keep.who),
        hosts_days=_days(keep.hosts),
        alerts_days=_days(keep.alerts),
        charts_days=_days(keep.charts),
        disguise=disguise,
        known_by=partial(known_by, settings),
    )
    return Service(
        store,
        DiscreetViews(SqliteViews(settings.store_path)),
        sight,
        thresholds,
        clock,
        watch,
        nodes,
        decisions.outside,
        fresh,
        intel,
        reports,
        exceptions,
        imports,
        erasure,
        troubles,
        notices,
        access,
        renewal,
        fetch,
        started=clock.now(),
        notes=tuple(notes),
    )


def take_history(settings: Settings) -> None:
    """Take the histories in that wait, while no service runs.

    Raises:
        StoreBusyError: one does, and takes them itself.
        FirstsightError: a sentence says what can't be used and what to do.
    """
    prepare_folder(settings.data_dir)
    clock = SystemClock()
    store = SqliteStore(settings.store_path, clock)
    imports = Imports(settings.imports_path, store, clock)
    try:
        while imports.step():
            pass
    finally:
        imports.close()
        store.close()


def _days(age: str) -> int | None:
    return int(age.removesuffix("d")) if age else None


def _burst(alerts: AlertsSettings) -> BurstRule:
    window = alerts.nx_burst_window.seconds
    return BurstRule(alerts.nx_burst_names, window, quiet=max(window, alerts.window.seconds))


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


def store_path(settings: Settings) -> Path:
    """The store's file, for a verb that touches it: whatever SQLite makes beside it must be its owner's.

    Raises:
        SettingsError: the folder or the file belongs to another user.
    """
    prepare_folder(settings.data_dir)
    path = settings.store_path
    try:
        owner = path.stat().st_uid
    except OSError:  # who opens it finds out more
        return path
    if owner != os.geteuid():
        raise SettingsError(
            f"The store {path} belongs to user id {owner}, and this is user id {os.geteuid()}. Files made beside it "
            f"would lock its owner out: run this as `sudo -u '#{owner}' firstsight …`."
        )
    return path


def store_of(settings: Settings) -> Path:
    """The file of a store that is there.

    Raises:
        SettingsError: it, or its folder, belongs to another user.
        StoreError: there is none.
    """
    path = store_path(settings)
    if not path.exists():
        raise absent(path)
    return path


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
        sinks.append(WazuhQueue(Path(settings.wazuh.queue), clock, _renders(settings)))
    alerts = settings.alerts
    if alerts.file:
        sinks.append(AlertFile(Path(alerts.file), clock, max_bytes=alerts.file_max_bytes, keep=alerts.file_keep))
    return sinks


def _renders(settings: Settings) -> list[Render]:
    """The events that each alert is sent to Wazuh as."""
    ours = partial(wazuh_event.datagram, public_url=settings.web.public_url)
    original = partial(dnsstat_event.datagram, dialect=dialect(settings))
    forms: dict[str, list[Render]] = {
        "firstsight": [ours],
        "dnsstat": [original],
        "both": [ours, original],
    }
    return forms[settings.wazuh.format]


def written_exceptions(settings: Settings, parse: Callable[[str], Name]) -> Renewed[tuple[ExceptionRule, ...]] | None:
    """The site's exceptions file, read again when it changes; None where it has none.

    Raises:
        InputError: it can't be used as it is.
    """
    if not settings.exceptions.file:
        return None
    path = Path(settings.exceptions.file)
    return Renewed(lambda: tables.exceptions_file(path, parse), path)


def _notes(settings: Settings) -> list[str]:
    notes = []
    if not settings.sources and not settings.compat.lookups_are_events:
        notes.append(
            "No source is set: only what is looked up or handed over is known. Add [[sources]] with the path of "
            "alerts.json."
        )
    if settings.sources and settings.compat.lookups_are_events:
        notes.append(
            "Look-ups count as events beside a source: where a script looks up what the source brings, each query "
            "counts twice. Leave [compat] lookups_are_events out, or the [[sources]]."
        )
    if not settings.wazuh.queue and not settings.alerts.file:
        notes.append("No way out is set: alerts are kept for the API only. Set [wazuh] queue or [alerts] file.")
    return notes
