"""Where pages put exceptions into force and end them: one place, so that whose deed it is, is told in one way."""

import structlog

from firstsight.core.exceptions import ExceptionRule
from firstsight.service import Service
from firstsight.web.asker import Asker

log = structlog.get_logger()


def put(service: Service, rule: ExceptionRule, by: Asker) -> None:
    """Put an exception into force, in the place of one that matches and holds back the same.

    Args:
        service: the running service.
        rule: the exception; an author who is named in it is kept beside who asks.
        by: who asks.

    Raises:
        InputError: the exceptions file has it already.
        StoreError: it can't be kept; nothing has changed.
    """
    service.exceptions.add(rule, by.by)
    log.info("exception_in_force", exception=rule.id, by=by.who)


def end(service: Service, exception_id: str, by: Asker) -> bool:
    """End an exception and forget it; False where there is none of that id.

    Args:
        service: the running service.
        exception_id: which.
        by: who asks.

    Raises:
        InputError: it stands in the exceptions file.
        StoreError: it can't be forgotten; nothing has changed.
    """
    there = service.exceptions.remove(exception_id, by.by)
    if there:
        log.info("exception_ended", exception=exception_id, by=by.who)
    return there
