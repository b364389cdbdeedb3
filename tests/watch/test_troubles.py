"""What is amiss, at any moment."""

from dns_events import AT, DAY, make_batch, make_event, parse_all
from firstsight.ports import Changes
from pipeline import Pipeline

HOUR = 3600.0
MEGABYTES = 5 << 20


def amiss(pipe: Pipeline) -> list[tuple[str, str]]:
    pipe.troubles.look()
    return [(trouble.code, trouble.subject) for trouble in pipe.troubles.now()]


def grown_up(pipe: Pipeline) -> None:
    """A source that has been read for more than a week and hardly rests."""
    for day in range(9):
        pipe.clock.at = AT + day * DAY
        pipe.see(make_event("nas.lan", at=pipe.clock.at))


def test_nothing_is_amiss(pipe: Pipeline) -> None:
    assert amiss(pipe) == []
    grown_up(pipe)
    assert amiss(pipe) == []


def test_each_part_says_what_troubles_it(pipe: Pipeline) -> None:
    pipe.source.says = "There is no file."
    pipe.sink.room = 0
    pipe.registries_say = "No registry answers."
    pipe.intelligence_says = "OTX refuses the key."
    pipe.watch.store_trouble = "The disk is full."
    told = [(trouble.code, trouble.subject, trouble.sentence) for trouble in pipe.troubles.now()]
    assert told == [
        ("store_trouble", "", "The disk is full."),
        ("source_trouble", "wazuh", "There is no file."),
        ("outbox_stuck", "sink", "It is full."),
        ("registry_trouble", "", "No registry answers."),
        ("intel_trouble", "", "OTX refuses the key."),
    ]


def test_a_source_that_says_no_more_is_silent(pipe: Pipeline) -> None:
    grown_up(pipe)
    pipe.clock.at += HOUR
    assert amiss(pipe) == []
    pipe.clock.at += 1
    assert amiss(pipe) == [("source_silent", "wazuh")]
    (trouble,) = pipe.troubles.now()
    assert trouble.sentence.startswith("No DNS event has come from wazuh for 60 minutes. Does Event 22 still reach it")
    pipe.see(make_event("nas.lan", at=pipe.clock.at))
    assert amiss(pipe) == []


def test_it_may_rest_as_it_usually_does(pipe: Pipeline) -> None:
    grown_up(pipe)
    amiss(pipe)
    amiss(pipe)
    pipe.clock.at += 40 * HOUR
    pipe.see(make_event("nas.lan", at=pipe.clock.at))
    assert amiss(pipe) == []
    pipe.clock.at += 60 * HOUR
    assert amiss(pipe) == []
    pipe.clock.at += 1
    (trouble,) = pipe.troubles.now()
    assert "for 60 hours; its longest rest of the last weeks was 40 hours" in trouble.sentence


def test_a_new_source_may_rest_over_a_weekend(pipe: Pipeline) -> None:
    pipe.see(make_event("nas.lan"))
    pipe.clock.at += 3 * DAY
    assert amiss(pipe) == []
    pipe.clock.at += 1
    assert amiss(pipe) == [("source_silent", "wazuh")]


def test_one_that_never_spoke_is_missed_from_the_start_on(pipe: Pipeline) -> None:
    pipe.clock.at += 3 * DAY + 1
    assert amiss(pipe) == [("source_silent", "wazuh")]


def test_a_node_is_a_source_that_is_handed_over(pipe: Pipeline) -> None:
    for source in ("node:worker-1", "api:tool"):
        batch = make_batch([make_event("nas.lan")], source=source)
        pipe.store.take(batch, parse_all, lambda _, __: Changes())
    pipe.clock.at += 3 * DAY + 1
    pipe.see(make_event("nas.lan", at=pipe.clock.at))
    assert amiss(pipe) == [("node_silent", "node:worker-1")], "a tool may be silent as long as it likes"


def test_what_waits_unread_is_no_silence_but_lag(pipe: Pipeline) -> None:
    grown_up(pipe)
    pipe.clock.at += 4 * DAY
    pipe.source.backlog = MEGABYTES
    assert amiss(pipe) == [("source_lagging", "wazuh")]
    (trouble,) = pipe.troubles.now()
    assert trouble.sentence.startswith("wazuh is read 4 days behind its events, 5,242,880 bytes wait: alerts come late")
    pipe.see(make_event("nas.lan", at=pipe.clock.at - 899))
    assert amiss(pipe) == [], "not far behind"


def test_after_a_start_it_is_read_first(pipe: Pipeline) -> None:
    """A source that was not followed for a day has not been silent: it knows no lag before it is read."""
    grown_up(pipe)
    pipe.store.flush()
    pipe.clock.at += DAY
    pipe.crash()
    assert amiss(pipe) == []
    pipe.clock.at += 300
    assert amiss(pipe) == [("source_silent", "wazuh")]


def test_half_a_line_is_no_lag(pipe: Pipeline) -> None:
    grown_up(pipe)
    pipe.clock.at += DAY
    pipe.source.backlog = 700
    assert amiss(pipe) == [("source_silent", "wazuh")]


def test_while_nothing_can_be_recorded_no_source_is_blamed(pipe: Pipeline) -> None:
    grown_up(pipe)
    pipe.clock.at += 9 * DAY
    pipe.watch.store_trouble = "The disk is full."
    assert amiss(pipe) == [("store_trouble", "")]


def test_both_can_be_off(pipe: Pipeline) -> None:
    pipe.silent = pipe.lagging = 0
    pipe.wire(pipe.store)
    grown_up(pipe)
    pipe.clock.at += 99 * DAY
    assert amiss(pipe) == []
    pipe.source.backlog = MEGABYTES
    assert amiss(pipe) == []


def test_a_clock_set_back_while_it_ran_or_not(pipe: Pipeline) -> None:
    pipe.see(make_event("nas.lan"))
    amiss(pipe)
    pipe.clock.at -= DAY
    assert amiss(pipe) == [("clock_trouble", "this machine")]
    pipe.store.flush()
    pipe.crash()
    assert amiss(pipe) == [("clock_trouble", "this machine")]


def test_clock_skew_of_the_endpoints(pipe: Pipeline) -> None:
    amiss(pipe)
    pipe.see(*(make_event("nas.lan", at=AT, clock_skew=True) for _ in range(150)))
    pipe.clock.at += HOUR
    assert amiss(pipe) == [("clock_trouble", "wazuh")]
