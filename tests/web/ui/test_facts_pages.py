from dataclasses import replace

from alert_samples import AT, DAY, REGISTERED, make_alert
from firstsight.core.facts import Absent, Fact, Known, Registration, Unavailable
from firstsight.core.verdict import Seen, Severity, Verdict
from firstsight.web.ui.facts import sentence, told


def verdict(registration: Fact[Registration] = REGISTERED) -> Verdict:
    return make_alert(registration=registration).verdict


def test_a_verdict_in_a_sentence() -> None:
    assert sentence(verdict(), [Severity.HIGH, Severity.LOW], AT) == (
        "Asked for here since 2026-11-24T02:33:29Z by 1 agent; registered 12 days ago; 2 alerts, the highest high."
    )
    unknown = verdict(registration=Unavailable("timeout"))
    assert "its age is not known; no alert is kept." in sentence(unknown, [], AT)
    assert "unknown to its registry" in sentence(verdict(registration=Absent(AT)), [], AT)


def test_what_was_only_looked_up() -> None:
    looked_up = replace(verdict(), seen=Seen(looked_up=AT))
    assert sentence(looked_up, [], AT).startswith("Nobody here has asked for it, though it was looked up;")


def test_ages_say_who_says_so() -> None:
    young = Known(Registration(AT - 3 * DAY, None, "RDAP", AT - 5))
    age, looks, intelligence, popular = told(verdict(registration=young), AT)
    assert age.words == "3 days: registered 2026-11-21T02:33:31.250Z, says RDAP (asked 2026-11-24T02:33:26Z)"
    assert age.grave
    assert looks.words == "The label is too short, or of a kind that is not scored."
    assert (intelligence.words, popular.words) == ("Not known: not_configured", "No")
    old = told(verdict(registration=Known(Registration(AT - 300 * DAY, None, "RDAP", AT))), AT)[0]
    assert not old.grave
    assert told(verdict(registration=Unavailable("timeout")), AT)[0].words == (
        "Not known: its registry did not answer in time"
    )
