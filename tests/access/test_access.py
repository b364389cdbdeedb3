from pathlib import Path

from alert_samples import FakeClock
from firstsight.access.access import Access
from firstsight.access.peers import Peers
from firstsight.access.refusals import Refusals
from firstsight.access.renewed import Renewed
from firstsight.access.tokens import read_tokens
from tokens_of_tests import line, token_file


def test_this_machine_alone_has_nothing_to_renew() -> None:
    access = Access(Refusals(FakeClock()), Peers())
    access.renew()

    assert access.troubles() == []


def test_what_is_amiss_with_tokens(tmp_path: Path) -> None:
    path = token_file(tmp_path)
    access = Access(Refusals(FakeClock()), Peers(), Renewed(lambda: read_tokens(path), path))
    (none,) = access.troubles()
    assert "holds no token" in none

    path.write_text(line("s", "read"))
    access.renew()
    assert access.troubles() == []

    path.write_text("rubbish")
    access.renew()
    (bad,) = access.troubles()
    assert f"{path}, line 1" in bad
