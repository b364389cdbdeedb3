import pytest

from alert_samples import AT, make_alert
from firstsight.core.notices import NoticeState, make_notice
from firstsight.core.verdict import Severity
from firstsight.core.wazuh_event import datagram
from firstsight.demo.show import Show


def test_an_alert_as_the_queue_heard_it(capsys: pytest.CaptureFixture[str]) -> None:
    show = Show()
    show.heard(datagram(make_alert("first_seen", "newly_registered")))
    first, summary, evidence = capsys.readouterr().out.splitlines()

    assert first == " HIGH     www.xk7.example  [first_seen, newly_registered]"
    assert summary.strip().startswith("WIN10 asked for www.xk7.example")
    assert evidence.strip() == (
        "[001] (WIN10) 10.0.0.5; status answered; age_days 12; agents 1; answers 192.0.2.7, cdn.example.net"
    )


def test_a_notice_is_told_and_is_no_alert(capsys: pytest.CaptureFixture[str]) -> None:
    show = Show()
    show.heard(datagram(make_notice("learning_over", NoticeState.ONCE, "manager", "It has learnt.", at=AT, since=AT)))

    assert capsys.readouterr().out == " NOTICE   It has learnt.\n"
    assert not show.severities


def test_it_counts_what_it_showed(capsys: pytest.CaptureFixture[str]) -> None:
    show = Show()
    show.heard(datagram(make_alert("first_seen", severity=Severity.LOW)))
    show.heard(datagram(make_alert("first_seen", "random_name", follows="alert-1")))
    assert "follow-up of an earlier alert" in capsys.readouterr().out

    account = {"lines": 1200, "events": 1100, "skipped:not_dns": 99, "skipped:bad_json": 1, "seen": 1000, "failed": 0}
    show.summary(account, {"held:popular": 700, "held:learning": 30, "events": 1100})
    assert capsys.readouterr().out.splitlines() == [
        "",
        "lines read      1,200 = 100 without a DNS event + 1,100 events",
        "events          0 duplicate, 1,000 seen",
        "held back       700 popular, 30 learning",
        "alerts          2: 0 critical, 1 high, 0 medium, 1 low (1 of them follow-ups)",
        "by reason       2 first_seen, 1 random_name",
    ]
