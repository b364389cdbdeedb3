"""`firstsight serve`."""

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
import uvicorn
import uvloop

from firstsight import compose, logs
from firstsight.access.certificate import Certificate
from firstsight.access.desk import Desk
from firstsight.cli.control import Message, answer
from firstsight.cli.forget import forget_on_request
from firstsight.cli.privacy import names_on_request
from firstsight.cli.reach import exceptions_on_request
from firstsight.cli.takings import takings
from firstsight.core.errors import SettingsError, StoreError
from firstsight.ports import Clock
from firstsight.service import Service
from firstsight.settings import Settings, load
from firstsight.settings.checks import url_of
from firstsight.store.sqlite import SqliteStore
from firstsight.web.app import build, late_native, late_pages
from firstsight.web.asgi import App
from firstsight.web.late import Late

log = structlog.get_logger()

_TIDY_SECONDS = 1.0
_GRACE = 12  # seconds; a question may wait for up to ten
_PREPARE_SECONDS = 1.0
_NEW_OBJECTS = 50_000  # until the youngest are looked at; Python's own number is 700
_TURN = 0.001  # seconds a thread keeps the interpreter while another one waits; Python's own number is 0.005


def run(config: Path | None, clock: Clock | None = None) -> int:
    """Serve until SIGINT or SIGTERM.

    Args:
        config: the settings file.
        clock: the time; the machine's where it is left out.

    Returns:
        Exit status.

    Raises:
        FirstsightError: it can't start; the text says why and what to do.
    """
    settings = load(config)
    logs.configure(settings.log)
    collect_seldom()
    switch_soon()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, clock=clock))
    return 0


def collect_seldom() -> None:
    """Have Python look for cycles of objects less often than it would.

    What is kept at hand of tens of thousands of agents lives long and holds no cycles, and flushes make many objects at
    once: all of it was walked through each time, which events felt as pauses, and in what they cost.
    """
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 50)


def switch_soon() -> None:
    """Have threads give way to one another sooner than they would.

    The loop lets go of the interpreter at each of a batch's many questions to SQLite. While a thread makes a page, it
    may have to wait for such a turn to get it back, each time: alerts were held up for many times what a page takes.
    """
    sys.setswitchinterval(_TURN)


class Server(uvicorn.Server):
    """uvicorn, with signals that only ask to stop: the store must be flushed afterwards.

    Attributes:
        beside: the old clients' server, which stops with this one.
    """

    beside: "OldClientsServer | None" = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM as a wish to stop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(ValueError, RuntimeError):  # not in the main thread: the caller stops us
                loop.add_signal_handler(number, self.ask_to_stop)
        yield

    def ask_to_stop(self) -> None:
        """End `serve` in order; asked again, at once for whoever is still connected."""
        self.force_exit = self.should_exit
        self.should_exit = True
        if self.beside is not None:
            self.beside.should_exit, self.beside.force_exit = True, self.force_exit


class OldClientsServer(uvicorn.Server):
    """uvicorn at the old clients' address: signals are the other server's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


@dataclass(frozen=True, slots=True)
class Running:
    """A service that is up: its address, and that of the old clients."""

    service: Service
    server: Server
    url: str
    old_clients: str | None


async def serve(
    settings: Settings, started: "asyncio.Future[Running] | None" = None, clock: Clock | None = None
) -> None:
    """Run everything in this loop.

    Args:
        settings: the settings.
        started: told when everything is up; for who runs the service inside a program, as the demo does.
        clock: the time; the machine's where it is left out.
    """
    with contextlib.ExitStack() as listening:
        listener = listening.enter_context(contextlib.closing(listen(*settings.address)))
        second = settings.old_clients_address
        old_listener = listening.enter_context(contextlib.closing(listen(*second))) if second else None
        service = compose.service(settings, clock)
        listening.pop_all()  # from here on, the servers close them
    native, pages = late_native(service), late_pages(service, lambda: server.should_exit)
    apps = build(
        service,
        native,
        pages,
        hosts=settings.web.hosts,
        compat=compose.compat_options(settings),
        allow=settings.compat.allow,
        viewers_see_users=settings.privacy.viewers_see_users,
    )
    certificate = service.access.certificate
    server = Server(_config(apps.main, certificate))
    url = _url(listener, secure=certificate is not None)
    old_url = None if old_listener is None else _url(old_listener, secure=False)
    verbs = await _verbs(settings, service)
    # These end when told to.
    asking = [service.fresh.run()] + ([] if service.intelligence is None else [service.intelligence.fresh.run()])
    watching = [_guard(server, work) for work in (service.watch.run(), *asking)]
    if old_listener is not None:
        server.beside = OldClientsServer(_config(apps.old_clients, None))
        watching.append(_guard(server, server.beside.serve([old_listener])))
    background = [_guard(server, work) for work in _background(settings, service, native, pages)]
    if started is None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, _reopen, service)
    else:
        started.set_result(Running(service, server, url, old_url))
    if old_url is not None:
        log.info("listening_for_old_clients", address=old_url, allow=settings.compat.allow)
    log.info("listening", address=url, store=str(settings.store_path), degraded=service.degraded())
    try:
        await server.serve([listener])
    finally:
        if verbs is not None:
            verbs.close()
        results = await _ended(server, service, watching, background)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def _ended(
    server: Server,
    service: Service,
    watching: Sequence["asyncio.Task[None]"],
    background: Sequence["asyncio.Task[None]"],
) -> list[BaseException | None]:
    """End everything in order; what each task ended with."""
    if server.beside is not None:
        server.beside.should_exit = True
    service.watch.stop()
    service.fresh.stop()
    if service.intelligence is not None:
        service.intelligence.fresh.stop()
    for task in background:
        task.cancel()
    results = await asyncio.gather(*watching, *background, return_exceptions=True)
    for source in service.watch.sources:
        source.close()
    for sink in service.watch.sinks:
        sink.close()
    await service.access.close()
    service.store.close()
    log.info("stopped")
    return results


def _background(settings: Settings, service: Service, *late: Late) -> Iterator[Coroutine[Any, Any, None]]:
    """What is done beside the way of events and requests, until it is cancelled."""
    yield service.reports.run()
    yield service.notices.run()
    yield service.imports.run()
    yield service.erasure.run()
    if service.renewal is not None:
        yield service.renewal.run()
    if service.popular_fetch is not None:
        yield service.popular_fetch.run()
    yield _tidy(service)
    yield from takings(settings, service)
    yield _prepare(*late)


def _reopen(service: Service) -> None:
    """SIGHUP, as logrotate's `postrotate` sends it: files and sockets are opened anew when they are next written to."""
    for sink in service.watch.sinks:
        sink.close()
    log.info("reopened")


def _config(app: App, certificate: Certificate | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ssl_context_factory=None if certificate is None else lambda _config, _usual: certificate.context,
        interface="asgi3",  # an app need not be a coroutine function, by which uvicorn would tell
        http="httptools",
        loop="none",
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE,
    )


def _url(listener: socket.socket, *, secure: bool) -> str:
    host, port = listener.getsockname()[:2]
    return url_of(host, port, secure=secure)


def listen(host: str, port: int) -> socket.socket:
    """The listening socket.

    Raises:
        SettingsError: the address is taken or not of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # What it accepts takes this over. asyncio does not set it where a socket's protocol is not stated, and on a
    # connection that is kept an answer's body would then wait for the acknowledgement of its headers.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
        listener.listen()  # two may bind a free port; only one may listen
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"{host}:{port} can't be listened on ({error.strerror}). Stop what holds it (`ss -ltnp` names it), or set "
            f"another `listen`."
        ) from error
    return listener


def _guard(server: Server, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    """Background work that may not die unseen: if it does, the service ends, and its supervisor starts it anew."""
    task = asyncio.get_running_loop().create_task(work)

    def ended(task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            log.error("background_work_failed", exc_info=task.exception())
            server.ask_to_stop()

    task.add_done_callback(ended)
    return task


async def _verbs(settings: Settings, service: Service) -> asyncio.Server | None:
    """Answer verbs that need the store; where that can't be, all the rest still works."""
    access, clock = service.access, service.clock
    desk = Desk(access.machines, access.people, access.trail, clock)

    async def act(question: Message) -> Message:
        match question:
            case {"desk": _}:
                return desk.answer(question)
            case {"exception": wish, "who": str(who)}:
                parse, now = service.lens.parser.parse, service.clock.now()
                return await exceptions_on_request(service.exceptions, parse, now, wish, who)
            case {"privacy": _}:
                return await names_on_request(service.erasure, access.trail, clock.now(), question)
            case _:
                return await forget_on_request(service.erasure, access.trail, clock.now(), question)

    try:
        return await answer(settings.store_path, act)
    except OSError as error:
        log.warning("verbs_not_answered", why=error.strerror, store=str(settings.store_path))
        return None


async def _tidy(service: Service) -> None:
    """Move SQLite's log into its file, in a thread: its fsync stays off the path."""
    if not isinstance(service.store, SqliteStore):
        return
    failing = False
    while True:
        await asyncio.sleep(_TIDY_SECONDS)
        if not service.store.database.log_waits:
            continue  # a thread that has nothing to do costs requests their time all the same: it takes the GIL
        try:
            await asyncio.to_thread(service.store.checkpoint)
            failing = False
        except StoreError as error:
            if not failing:  # once, not every second while a disk is full
                log.warning("checkpoint_failed", what=str(error))
            failing = True


async def _prepare(*late: Late) -> None:
    """Make the native API and the pages, once the start is over."""
    await asyncio.sleep(_PREPARE_SECONDS)
    for app in late:
        await app.prepare()
