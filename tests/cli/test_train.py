import json
from pathlib import Path
from random import Random

import pytest

from alert_samples import FakeClock
from dns_events import AT, DAY, make_agent, make_batch, make_event, parse_all
from firstsight.cli import takings
from firstsight.cli.train import run
from firstsight.core.errors import InputError, StoreBusyError
from firstsight.ports import Changes
from firstsight.store.sqlite import SqliteStore
from running import eventually, running


def plant(count: int) -> list[str]:
    chance = Random(1)
    return sorted(
        {f"hzqk{chance.choice(('kjx', 'qzr', 'xvb'))}stvx{chance.randint(10, 999)}.com" for _ in range(count)}
    )


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "ours.txt"
    path.write_text("\n".join([*plant(300), "", "not a name!", "printer", "4.3.2.1.in-addr.arpa"]))
    return path


def lesson(tmp_path: Path) -> Path:
    return tmp_path / "data" / "randomness-site.json"


def test_a_file_is_learnt_from(tmp_path: Path, config: Path, names: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(names, config, agents=3, days=30, reset=False) == 0

    told = capsys.readouterr().out
    assert f"{len(plant(300)):,} ordinary names of this site" in told
    flagged = next(line for line in told.splitlines() if "ordinary names flagged" in line and "strong" in line)
    before, after = (float(part.split("%")[0]) for part in (flagged.split()[4], flagged.split()[6]))
    assert before > 50 > after
    assert "machine-made names found" in told
    learnt = json.loads(lesson(tmp_path).read_bytes())
    assert learnt["names"] == len(plant(300))
    assert "hzqk" not in lesson(tmp_path).read_text()  # places, no names


def test_it_is_forgotten(tmp_path: Path, config: Path, names: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(names, config, agents=3, days=30, reset=False)
    for _ in range(2):
        assert run(None, config, agents=3, days=30, reset=True) == 0
        assert not lesson(tmp_path).exists()
    assert "forgotten" in capsys.readouterr().out

    lesson(tmp_path).mkdir()
    with pytest.raises(InputError, match="can't be removed"):
        run(None, config, agents=3, days=30, reset=True)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"one.com\ntwo.com\n", "2 distinct names are too few"),
        (b"\xff\xfe\x00", "can't be read"),
        (None, "can't be read"),
    ],
)
def test_what_cannot_be_learnt_from(tmp_path: Path, config: Path, content: bytes | None, sentence: str) -> None:
    file = tmp_path / "names"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(InputError, match=sentence):
        run(file, config, agents=3, days=30, reset=False)
    assert not lesson(tmp_path).exists()


def test_ordinary_names_teach_nothing(tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "names"
    words = (
        "merrow",
        "kestrel",
        "larkspur",
        "tolven",
        "marrow",
        "otter",
        "fenni",
        "lindholt",
        "velder",
        "wexcombe",
        "ash",
    )
    file.write_text("\n".join(f"{one}{two}.com" for one in words for two in words))

    assert run(file, config, agents=3, days=30, reset=False) == 0
    assert "nothing to learn" in capsys.readouterr().out
    assert not lesson(tmp_path).exists()


def test_a_running_service_takes_it_up(
    tmp_path: Path, config: Path, names: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takings, "_LOOK_SECONDS", 0.02)
    name = plant(300)[0]
    with running(tmp_path) as service:

        def score() -> float:
            return float(service.get(f"/v1/domains/{name}").json()["randomness"]["score"])

        before = score()
        assert before > 0.5
        run(names, config, agents=3, days=30, reset=False)
        eventually(lambda: score() < 0.5)
        lesson(tmp_path).write_text("garbage")  # changes nothing
        run(None, config, agents=3, days=30, reset=True)
        eventually(lambda: score() == before)


def test_a_lesson_that_cannot_be_used_is_told_and_left_out(tmp_path: Path, config: Path) -> None:
    lesson(tmp_path).parent.mkdir()
    lesson(tmp_path).write_text("garbage")
    with running(tmp_path) as service:
        degraded = service.get("/readyz").json()["degraded"]
        assert any("Run `firstsight train` again" in note for note in degraded)


def test_the_stores_domains_are_learnt_from(tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    clock = FakeClock(AT)
    store = SqliteStore(tmp_path / "data" / "firstsight.db", clock)
    known = plant(300)[:120]
    long_ago, far_ahead = AT - 1000 * DAY, AT + 20_000 * DAY  # whatever the machine's clock says
    old = [make_event(name, at=long_ago, agent=make_agent(number)) for name in known for number in range(3)]
    rare = [make_event("rare.com", at=long_ago)]
    young = [make_event("young.com", at=far_ahead, agent=make_agent(number)) for number in range(3)]
    for position, events in enumerate((old, rare, young)):
        batch = make_batch(events, str(position))
        store.take(batch, parse_all, lambda _, __: Changes())
    store.flush()
    with pytest.raises(StoreBusyError, match="stop the other one"):
        run(None, config, agents=3, days=30, reset=False)
    store.close()

    assert run(None, config, agents=3, days=30, reset=False) == 0
    assert "120 ordinary names" in capsys.readouterr().out
