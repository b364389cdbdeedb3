import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.access.flow import LASTS, Flow
from servers.provider import text

NOW = 1_795_500_000.7


@given(st.text(max_size=1000).filter(lambda wanted: len(wanted.encode("utf-8", "replace")) < 1500))
def test_what_a_browser_keeps_is_what_began(wanted: str) -> None:
    wanted = wanted.encode("utf-8", "replace").decode()
    flow = Flow.begin(NOW, wanted)

    assert Flow.read(flow.kept, NOW) == flow
    assert "/" not in flow.kept
    assert ";" not in flow.kept


def test_what_goes_to_the_provider_tells_nothing_of_the_secret_nor_of_one_another() -> None:
    flow, other = Flow.begin(NOW, "/ui/"), Flow.begin(NOW, "/ui/")
    derived = [flow.state, flow.nonce, flow.verifier, flow.challenge]

    assert len({*derived, flow.secret, other.secret, other.state, other.nonce, other.verifier}) == 9
    assert flow.challenge == text(hashlib.sha256(flow.verifier.encode()).digest())
    assert 43 <= len(flow.verifier) <= 128  # RFC 7636 §4.1


@given(st.data())
def test_whatever_is_changed_in_it_another_state_is_wanted(data: st.DataObject) -> None:
    flow = Flow.begin(NOW, "/ui/alerts")
    at = data.draw(st.integers(0, len(flow.kept) - 1))
    letter = data.draw(st.sampled_from("abcdefgh0123456789_-."))
    found = Flow.read(flow.kept[:at] + letter + flow.kept[at + 1 :], NOW)

    assert found is None or found == flow or found.state != flow.state


@pytest.mark.parametrize("later", [LASTS + 1, -LASTS - 1, 1e9])
def test_it_ends(later: float) -> None:
    assert Flow.read(Flow.begin(NOW, "").kept, NOW + later) is None


@pytest.mark.parametrize("kept", ["", ".", "a.1.b", f"{'x' * 43}.1795500000", f"{'x' * 43}.1795500000._w", "ä" * 60])
def test_what_is_no_log_in(kept: str) -> None:
    assert Flow.read(kept, NOW) is None


def test_a_page_of_too_long_an_address_is_forgotten() -> None:
    assert Flow.begin(NOW, "/ui/?" + "x" * 2000).wanted == ""
