"""`firstsight serve`."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
import uvicorn
import uvloop

from firstsight import compose, logs
from firstsight.core.errors import FirstsightError, SettingsError, StoreError
from firstsight.service import Service
from firstsight.settings import Settings, load
from firstsight.store.sqlite import SqliteStore
from firstsight.web.app import build, late_native
from firstsight.web.late import Late

log = structlog.get_logger()

_TIDY_SECONDS = 1.0
_GRACE = 12  # seconds; a question may wait for up to ten
_LIST_SECONDS = 20.0
_PREPARE_SECONDS = 1.0
_FILES_SECONDS = 1.0


def run(config: Path | None) -> int:
    """Serve until SIGINT or SIGTERM.

    Args:
        config: the settings file.

    Returns:
        Exit status.

    Raises:
        FirstsightError: it can't start; the text says why and what to do.
    """
    settings = load(config)
    logs.configure(settings.log)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings))
    return 0


class Server(uvicorn.Server):
    """uvicorn, with signals that only ask to stop: the store must be flushed afterwards."""

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


@dataclass(frozen=True, slots=True)
class Running:
    """A service that is up."""

    service: Service
    server: Server
    url: str


async def serve(settings: Settings, started: "asyncio.Future[Running] | None" = None) -> None:
    """Run everything in this loop.

    Args:
        settings: the settings.
        started: told when everything is up; for who runs the service inside a program, as the demo does.
    """
    listener = listen(*settings.address)
    try:
        service = compose.service(settings)
    except FirstsightError:
        listener.close()
        raise
    native = late_native(service)
    app = build(
        service,
        native,
        hosts=settings.web.hosts,
        freq_avg=settings.compat.freq_avg,
        freq_word=settings.compat.freq_word,
        wait=settings.compat.wait,
    )
    certificate = service.access.certificate
    server = Server(
        uvicorn.Config(
            app,
            ssl_context_factory=None if certificate is None else lambda _config, _usual: certificate.context,
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
    )
    host, port = listener.getsockname()[:2]
    scheme = "http" if certificate is None else "https"
    url = f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
    log.info("listening", address=url, store=str(settings.store_path), degraded=service.degraded())
    watching = [
        _guard(server, service.watch.run()),
        _guard(server, service.fresh.run()),
        _guard(server, service.reports.run()),
        _guard(server, _tidy(service)),
        _guard(server, _renew_lists(settings, service)),
        _guard(server, _renew_files(service)),
        _guard(server, _prepare(native)),
    ]
    if service.popular_fetch is not None:
        watching.append(_guard(server, service.popular_fetch.run()))
    if started is not None:
        started.set_result(Running(service, server, url))
    try:
        await server.serve([listener])
    finally:
        service.watch.stop()
        service.fresh.stop()
        for task in watching[2:]:
            task.cancel()
        results = await asyncio.gather(*watching, return_exceptions=True)
        for source in service.watch.sources:
            source.close()
        for sink in service.watch.sinks:
            sink.close()
        service.store.close()
        log.info("stopped")
    for result in results:
        if isinstance(result, Exception):
            raise result


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


async def _tidy(service: Service) -> None:
    """Move SQLite's log into its file, in a thread: its fsync stays off the path."""
    if not isinstance(service.store, SqliteStore):
        return
    while True:
        await asyncio.sleep(_TIDY_SECONDS)
        try:
            await asyncio.to_thread(service.store.checkpoint)
        except StoreError as error:
            log.warning("checkpoint_failed", what=str(error))


async def _renew_lists(settings: Settings, service: Service) -> None:
    """Take popular lists that were imported or fetched while we run."""
    paths, lens = (settings.popular_path, settings.fetched_popular_path), service.lens
    stamps = [_stamp(path) for path in paths]
    while True:
        await asyncio.sleep(_LIST_SECONDS)
        found = [_stamp(path) for path in paths]
        if found == stamps:
            continue
        stamps = found
        try:
            lens.popular = await asyncio.to_thread(compose.popular_lists, settings, lens.parser.parse)
        except FirstsightError as error:
            log.warning("popular_list_not_taken", what=str(error))
            continue
        log.info("popular_lists_taken", **{listing.name: len(listing) for listing in lens.popular})


async def _renew_files(service: Service) -> None:
    """Take tokens, certificates and exceptions that were changed: a revoked token is refused within seconds."""
    while True:
        await asyncio.sleep(_FILES_SECONDS)
        service.access.renew()
        service.exceptions.renew()


async def _prepare(native: Late) -> None:
    """Make the native API, once the start is over."""
    await asyncio.sleep(_PREPARE_SECONDS)
    await native.prepare()


def _stamp(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None
