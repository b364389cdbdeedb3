from firstsight.watch.clockwatch import ClockWatch

AT = 1_795_500_000.0


def counts(events: int, skewed: int) -> dict[str, dict[str, int]]:
    return {"manager": {"events": events, "clock_skew": skewed}}


def test_a_clock_that_goes_on_is_fine() -> None:
    watch = ClockWatch(AT - 5)
    for at in (AT, AT + 5, AT - 55, AT + 7200):  # a minute back is time being synchronised
        watch.look(at, {})
        assert list(watch.sentences(at)) == []


def test_a_clock_set_back_is_told_for_an_hour() -> None:
    watch = ClockWatch(None)
    watch.look(AT, {})
    watch.look(AT - 7200, {})
    ((subject, sentence),) = watch.sentences(AT - 7200)
    assert subject == "this machine"
    assert sentence.startswith("This machine's clock was set back by 120 minutes: ")
    watch.look(AT - 3601, {})
    assert list(watch.sentences(AT - 3601)) != []
    watch.look(AT - 3600, {})
    assert list(watch.sentences(AT - 3600)) == []


def test_it_is_noticed_that_it_was_set_back_while_nothing_ran() -> None:
    watch = ClockWatch(AT)
    watch.look(AT - 86400, {})
    assert "set back by 24 hours" in next(watch.sentences(AT - 86400))[1]


def test_many_events_with_times_that_cannot_be_are_told_until_an_hour_is_better() -> None:
    watch = ClockWatch(None)
    watch.look(AT, counts(5000, 4000))  # of before
    watch.look(AT + 1800, counts(6000, 5000))
    assert list(watch.sentences(AT + 1800)) == []
    watch.look(AT + 3600, counts(7000, 4200))
    ((subject, sentence),) = watch.sentences(AT + 3600)
    assert subject == "manager"
    assert sentence.startswith("200 of 2,000 DNS events of manager within an hour bore times that can't be")
    watch.look(AT + 7000, counts(7000, 4200))
    assert list(watch.sentences(AT + 7000)) != []
    watch.look(AT + 7200, counts(9000, 4300))
    assert list(watch.sentences(AT + 7200)) == [], "100 of 2,000"
    watch.look(AT + 10800, counts(9090, 4390))
    assert list(watch.sentences(AT + 10800)) == [], "all of them, but few"


def test_counts_that_were_forgotten_are_no_skew() -> None:
    watch = ClockWatch(None)
    watch.look(AT, counts(5000, 4000))
    watch.look(AT + 3600, counts(10, 5))
    assert list(watch.sentences(AT + 3600)) == []
