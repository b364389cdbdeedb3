"""The rule of docs/domain-age.md: which of those who say something of an age is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_samples import AT, DAY
from firstsight.core.evidence import ISC, KNOWN_SINCE, NRD, RDAP, WHOIS, Proof, confidence, registered_anew, said, weigh
from firstsight.core.facts import PENDING, Absent, Fact, Known, Registration, Unavailable

OLD, NEW = AT - 900 * DAY, AT - 3 * DAY
NO_SERVER = Unavailable("no_server")


def known(source: str, day: float) -> Known[Registration]:
    return Known(Registration(day, None, source, AT))


def at_least(day: float) -> Known[Registration]:
    return Known(Registration(day, None, KNOWN_SINCE, day, at_least=True))


def found(source: str, day: float) -> Known[Registration]:
    return Known(Registration(day, None, source, day))


@pytest.mark.parametrize(
    ("fact", "proofs", "believed"),
    [
        # 1. a registry's word stands, whatever lists say
        (known(RDAP, OLD), [Proof(NRD, NEW)], known(RDAP, OLD)),
        (known(WHOIS, OLD), [Proof(NRD, NEW)], known(WHOIS, OLD)),
        (known(RDAP, NEW), [Proof(KNOWN_SINCE, OLD)], known(RDAP, NEW)),  # given up, and registered anew
        # 2. else the earliest day on which somebody found it new
        (NO_SERVER, [Proof(NRD, NEW)], found(NRD, NEW)),
        (PENDING, [Proof(NRD, NEW)], found(NRD, NEW)),
        (Absent(AT), [Proof(NRD, NEW)], found(NRD, NEW)),
        (NO_SERVER, [Proof(NRD, NEW), Proof(ISC, NEW - 9 * DAY)], found(ISC, NEW - 9 * DAY)),
        (known(ISC, NEW), [Proof(NRD, NEW - DAY)], found(NRD, NEW - DAY)),
        (known(ISC, NEW), [], found(ISC, NEW)),
        # … unless it was there before
        (NO_SERVER, [Proof(NRD, NEW), Proof(KNOWN_SINCE, OLD)], at_least(OLD)),
        (NO_SERVER, [Proof(NRD, NEW), Proof(KNOWN_SINCE, NEW - DAY)], found(NRD, NEW)),
        (known(ISC, NEW), [Proof(KNOWN_SINCE, OLD)], at_least(OLD)),
        # 3. else it is at least that old
        (NO_SERVER, [Proof(KNOWN_SINCE, OLD), Proof(KNOWN_SINCE, NEW)], at_least(OLD)),
        (Absent(AT), [Proof(KNOWN_SINCE, OLD)], Absent(AT)),
        # 4. else unknown
        (NO_SERVER, [], NO_SERVER),
    ],
)
def test_who_is_believed(fact: Fact[Registration], proofs: list[Proof], believed: Fact[Registration]) -> None:
    assert weigh(fact, proofs) == believed


def test_what_everybody_asks_for_is_not_new() -> None:
    assert weigh(NO_SERVER, [Proof(NRD, NEW)], popular=True) == NO_SERVER


proofs = st.lists(
    st.builds(Proof, st.sampled_from([ISC, NRD, KNOWN_SINCE]), st.integers(0, 1000).map(lambda n: AT - n * DAY))
)


@given(proofs, st.booleans())
def test_a_dated_list_makes_no_domain_younger(found: list[Proof], popular: bool) -> None:
    """And never new: whatever else is said, it was there by then, give or take the tolerance."""
    there = [proof.day for proof in found if proof.source == KNOWN_SINCE]
    believed = weigh(NO_SERVER, found, popular=popular)
    if there:
        assert isinstance(believed, Known)
        assert believed.value.registered <= min(there) + 2 * DAY
    elif isinstance(believed, Known):
        assert not believed.value.at_least


def test_all_that_is_said_the_most_believable_first() -> None:
    every = said(known(RDAP, OLD), [Proof(KNOWN_SINCE, OLD), Proof(NRD, NEW), Proof(ISC, OLD)])

    assert [one.source for one in every] == [RDAP, ISC, NRD, KNOWN_SINCE]
    assert [one.at_least for one in every] == [False, False, False, True]
    assert said(NO_SERVER, []) == []


def test_how_far_a_source_is_to_be_believed() -> None:
    assert [confidence(source) for source in (RDAP, WHOIS, NRD, "top1m")] == ["high", "medium", "low", "medium"]


@pytest.mark.parametrize(
    ("source", "registered", "first", "anew"),
    [
        (RDAP, NEW, OLD, True),
        (WHOIS, NEW, OLD, True),
        (NRD, NEW, OLD, False),
        (RDAP, OLD, NEW, False),
        (RDAP, NEW, NEW - DAY, False),
        (RDAP, NEW, None, False),
    ],
)
def test_registered_after_it_was_seen(source: str, registered: float, first: float | None, *, anew: bool) -> None:
    assert registered_anew(Registration(registered, None, source, AT), first) is anew
