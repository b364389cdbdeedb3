"""How log lines look: JSON for machines, plain for people; on stderr, no secret in them."""

import logging
import sys
from contextlib import suppress

import structlog


class _Printer(structlog.PrintLogger):
    """Prints a line; a stream that takes none (a file on a full disk) is no reason to stop working."""

    def msg(self, message: str) -> None:
        """Print it."""
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warning = error = critical = exception = msg


def configure(form: str, *, quiet: bool = False) -> None:
    """Set up logging for a process.

    Args:
        form: `json` or `console`.
        quiet: warnings and errors only.
    """
    renderer = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if quiet else logging.INFO),
        logger_factory=lambda *_: _Printer(sys.stderr),
        cache_logger_on_first_use=True,
    )
