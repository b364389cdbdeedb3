from dataclasses import replace

import pytest

from alert_samples import AT, DAY, REGISTERED, make_alert
from dns_events import parse
from firstsight.core.facts import Absent, Fact, Intel, Known, Pulse, Registration, Threat, Unavailable
from firstsight.core.review import Review
from firstsight.core.verdict import Seen, Severity, Verdict
from firstsight.ports.views import DomainView, Listed
from firstsight.web.ui.facts import pulses, sentence, told
from firstsight.web.ui.rendering import text
from pages_fed import BY_NOBODY


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
    age, looks, intelligence, popular = told(verdict(registration=young), AT, 30)
    assert (
        age.words == "3 days: registered 2026-11-21T02:33:31Z, says RDAP (asked 2026-11-24T02:33:26Z, high confidence)"
    )
    assert age.grave
    assert not told(verdict(registration=young), AT, 3)[0].grave, "three days are not new where the settings say so"
    assert looks.words == "The label is too short, or of a kind that is not scored."
    assert (intelligence.words, popular.words) == ("Not known: not_configured", "No")
    listed = Known(Registration(AT - 3 * DAY, None, "known-since", AT - 3 * DAY, at_least=True))
    told_of = told(verdict(registration=listed), AT, 30)[0]
    assert told_of.words == "at least 3 days: on a list of 2026-11-21T02:33:31Z already (known-since, low confidence)"
    assert not told_of.grave
    assert "at least 3 days old" in sentence(verdict(registration=listed), [], AT)
    old = told(verdict(registration=Known(Registration(AT - 300 * DAY, None, "RDAP", AT))), AT, 30)[0]
    assert not old.grave
    assert told(verdict(registration=Unavailable("timeout")), AT, 30)[0].words == (
        "Not known: its registry did not answer in time"
    )
    assert (
        told(replace(verdict(), intel=Unavailable("timeout")), AT, 30)[2].words == "Not known: no answer came in time"
    )


NASTY = "<script>alert(3)</script>"
PULSE = Pulse(
    id='"><script>',
    name=NASTY,
    author=NASTY,
    created=AT,
    tags=(NASTY,),
    adversary=NASTY,
    malware_families=(NASTY,),
    attack=("T1071.004",),
    tlp=NASTY,
)
KNOWN_BAD = Known(Intel(Threat.HIGH, (PULSE,), AT, 2, (NASTY,)))


def test_intelligence_in_a_line() -> None:
    told_of = replace(verdict(), intel=KNOWN_BAD)
    words = next(fact.words for fact in told(told_of, AT, 30) if fact.label == "Intelligence")
    assert words.startswith("high: 1 pulse, and 2 pulses of other authors; said to be harmless by <script>")
    assert pulses(KNOWN_BAD) == (PULSE,)
    assert pulses(Absent(AT)) == ()


@pytest.mark.parametrize("template", ["evidence.html", "domain.html"])
def test_what_pulses_say_is_text(template: str) -> None:
    told_of = replace(make_alert(), verdict=replace(verdict(), intel=KNOWN_BAD))
    values = {
        "here": "", "now": AT, "row": Listed(1, told_of, Review()), "alert": told_of, "q": "", "before": "",
        "exceptions": [],
        "facts": told(told_of.verdict, AT, 30), "pulses": pulses(KNOWN_BAD), "verdict": told_of.verdict,
        "sentence": NASTY,
        "name": parse("www.xk7.example"), "ages": [NASTY],
        "view": DomainView(NASTY, NASTY, NASTY), "hosts": [NASTY],
        "more_hosts": False, "alerts": [], "answers": [NASTY], "programs": [NASTY], "timeline": [],
    }  # fmt: skip
    page = text(template, BY_NOBODY | values)
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(3)") > 5
    assert 'href="https://otx.alienvault.com/pulse/&#34;&gt;&lt;script&gt;"' in page
