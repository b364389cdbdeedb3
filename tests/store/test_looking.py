import sqlite3
from pathlib import Path

import pytest

from dns_events import AT, WIN11, make_event, parse
from firstsight.core.events import Status
from firstsight.core.verdict import Seen
from firstsight.ports import Answer
from firstsight.store.looking import FirstAsker, Found, looking
from pipeline import Pipeline, registered


def test_everything_that_is_kept_of_a_domain(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "store.db")
    pipeline.see(make_event("www.harbour.com"), make_event("harbour.com", agent=WIN11, status=Status.NXDOMAIN))
    alerts = pipeline.answer("harbour.com", registered(3))
    pipeline.store.flush()

    with looking(pipeline.path) as look:
        found = look.at(parse("mail.harbour.com"))
        assert look.at(parse("never.com")) == Found()
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            look._connection.execute("DELETE FROM domain")
    pipeline.close()

    assert found.seen == Seen(AT, AT, 1, 1)
    assert found.in_vain is not None
    assert (found.in_vain.nxdomain, found.in_vain.agents) == (1, 1)
    assert found.first == FirstAsker("WIN10", r"C:\Program Files\Browser\browser.exe", r"CORP\alice")
    assert (found.hosts, found.more_hosts) == (("www.harbour.com",), False)
    assert list(found.alerts) == alerts
    assert isinstance(found.answer, Answer)
    assert found.answer.fact == registered(3)
