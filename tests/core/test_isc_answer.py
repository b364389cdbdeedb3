from datetime import UTC, date, datetime

import pytest

from firstsight.core.errors import InputError
from firstsight.core.facts import Absent, Known, Registration, Unavailable
from firstsight.core.isc_answer import read_age, read_feed

NOW = 1_795_000_000.0
DAY = datetime(2026, 11, 20, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("body", "fact"),
    [
        (b'{"domainname": "a.com", "firstseen": "2026-11-20"}', Known(Registration(DAY, None, "ISC", NOW))),
        (b'[{"domainname": "a.com", "firstseen": "2026-11-20 10:00"}]', Known(Registration(DAY, None, "ISC", NOW))),
        (b'{"domainage": {"domain": "A.com.", "created": "2026-11-20"}}', Known(Registration(DAY, None, "ISC", NOW))),
        (b'{"firstseen": "2026-11-20"}', Known(Registration(DAY, None, "ISC", NOW))),
        (b'{"domainname": "other.com", "firstseen": "2026-11-20"}', Absent(NOW)),
        (b'{"domainname": "a.com", "firstseen": null}', Absent(NOW)),
        (b'{"domainname": "a.com", "firstseen": "0000-00-00"}', Absent(NOW)),
        (b'{"domainname": "a.com", "firstseen": "2062-11-20"}', Unavailable("bad_answer")),
        (b"[]", Absent(NOW)),
        (b"<html>", Unavailable("bad_answer")),
        (b'"text"', Unavailable("bad_answer")),
    ],
)
def test_what_isc_answers(body: bytes, fact: object) -> None:
    assert read_age(body, "a.com", NOW) == fact


def test_the_feed() -> None:
    body = (
        b'{"d": [{"domainname": "a.com", "firstseen": "2026-11-20"}, {"x": 1}, {"domainname": "b.org", "date": "x"}]}'
    )

    assert list(read_feed(body)) == [("a.com", date(2026, 11, 20))]
    with pytest.raises(InputError, match="no JSON"):
        read_feed(b"\x1f\x8b")
