import gzip
import json
import os
from pathlib import Path

import pytest

from firstsight.cli.import_freq import run
from firstsight.core.errors import InputError
from firstsight.core.letterpairs import parse_freq_table
from running import InThread, command, running

CORPUS = Path(os.environ.get("FIRSTSIGHT_CORPUS", Path(__file__).parents[3] / "shared" / "data"))

# Of its letters every pair but `aa` is as likely as another.
TABLE = b'[true, "-", [["a", [["b", 3], ["c", 1]]], ["b", [["a", 5], [".", 5]]], ["c", [["o", 1]]], ["o", [["m", 1]]]]]'


def score(service: InThread, domain: str) -> list[float]:
    scores: list[float] = service.get(f"/{domain}").json()["freq_score"]
    return scores


def test_scores_are_by_the_table_from_the_next_start_on(tmp_path: Path, config: Path) -> None:
    with running(tmp_path) as service:
        ours = score(service, "bab.com")
    (tmp_path / "table.freq").write_bytes(TABLE)
    assert run(tmp_path / "table.freq", config) == 0

    with running(tmp_path) as service:
        theirs = list(parse_freq_table(TABLE).scores("bab.com"))
        assert score(service, "www.bab.com") == theirs != ours
        assert service.get("/v1/domains/bab.com").json()["randomness"]["freq"] == theirs
        assert service.get("/cache_get?domain=bab.com").json()["cache_value"]["freq_score"] == theirs


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"{}", "frequency table can't be read"), (b"", "frequency table can't be read"), (None, "can't be read")],
)
def test_what_is_no_table_leaves_the_one_before(
    tmp_path: Path, config: Path, data: bytes | None, sentence: str
) -> None:
    file = tmp_path / "table.freq"
    file.write_bytes(TABLE)
    run(file, config)
    file.unlink()
    if data is not None:
        file.write_bytes(data)

    with pytest.raises(InputError, match=sentence):
        run(file, config)
    assert (tmp_path / "data" / "freqtable.freq").read_bytes() == TABLE


def test_a_table_that_was_damaged_is_told_at_start(tmp_path: Path, config: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "freqtable.freq").write_bytes(TABLE[:40])

    done = command("serve", "--config", config)
    assert done.returncode == 1
    assert "freqtable.freq can't be used" in done.stderr
    assert "Import it again" in done.stderr


def test_without_scores_there_is_no_key(tmp_path: Path) -> None:
    with running(tmp_path, compat={"freq": False}) as service:
        answers = [service.get("/xkqzjvwbtpqz.com").json(), service.get("/printer.local").json()]

    assert ["freq_score" in answer for answer in answers] == [False, False]
    assert answers[0]["alerts"] == ["YOUR-FIRST-CONTACT"]


def test_an_offset_moves_seen_by_you(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        before = service.get("/kestrelvale.com").json()["seen_by_you"]
    with running(tmp_path, compat={"timezone_offset": 24}) as service:
        after = service.get("/kestrelvale.com").json()["seen_by_you"]

    assert before != after
    assert before[-12:] == after[-12:]


@pytest.mark.skipif(not (CORPUS / "freq").is_dir(), reason="no corpus")
def test_the_originals_own_table_gives_its_published_scores(tmp_path: Path, config: Path) -> None:
    run(CORPUS / "freq" / "freqtable2018.freq", config)
    with gzip.open(CORPUS / "freq" / "freq_score_oracle_5k.jsonl.gz") as lines:
        published = [json.loads(line) for line in lines]

    with running(tmp_path) as service:
        lens = service.parts.lens
        names = {each["domain"]: lens.parse(each["domain"]) for each in published}
        wrong = [
            each
            for each in published
            if names[each["domain"]].registrable == each["domain"]
            and list(lens.randomness(names[each["domain"]]).freq or ()) != each["freq_score"]
        ]
        assert score(service, published[0]["domain"]) == published[0]["freq_score"]
    assert len(published) == 5000
    assert wrong == []
