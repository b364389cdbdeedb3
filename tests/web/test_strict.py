"""A body may hold two hundred thousand mistakes: few are listed, as listing them takes everybody's time."""

import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from firstsight.web.domains import Names
from firstsight.web.ingest import EventsIn
from firstsight.web.limits import MOST_BYTES

MANY = 200_000
FEW = 25
EVENT: dict[str, Any] = {"time": "2026-11-24T00:00:00Z", "name": "a.com", "agent": {"name": "A"}}
KEYS: dict[str, Any] = {f"k{number}": 1 for number in range(MANY)}


def faults(model: type[BaseModel], body: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(body)
    return [fault["msg"] for fault in caught.value.errors()]


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (Names, {"names": ["a.com"], **KEYS}),
        (Names, KEYS),
        (Names, {"names": [1] * MANY}),
        (Names, {"names": [1] * 1000}),
        (Names, {"names": ["a.com"] * MANY}),
        (EventsIn, {"events": [EVENT], **KEYS}),
        (EventsIn, {"events": [1] * MANY}),
        (EventsIn, {"events": [{}] * 1000}),
        (EventsIn, {"events": [EVENT | KEYS]}),
        (EventsIn, {"events": [dict.fromkeys("abcdefgh")] * 1000}),
        (EventsIn, {"events": [EVENT | {"answers": [1] * 1000}] * 1000}),
        (EventsIn, {"events": [EVENT | {"agent": KEYS}]}),
        (EventsIn, {"events": [EVENT | {"agent": KEYS, "process": KEYS, "answers": [1] * MANY, "time": 1.5e99}]}),
    ],
    ids=range(13),
)
def test_few_faults_are_listed(model: type[BaseModel], body: Any) -> None:
    assert 1 <= len(faults(model, body)) <= FEW


def test_the_bodies_are_as_large_as_the_limit_allows() -> None:
    assert len(json.dumps(KEYS)) > MOST_BYTES


def test_keys_that_are_too_many_are_counted_and_one_is_shown() -> None:
    assert faults(Names, {"names": ["a.com"], **KEYS}) == [f"{MANY} keys do not belong here, such as 'k0'"]
    (long,) = faults(Names, dict.fromkeys(["a" * 5000, "b", "c"]))
    assert len(long) < 150


def test_one_key_too_many_is_named_where_it_stands() -> None:
    with pytest.raises(ValidationError) as caught:
        EventsIn.model_validate({"events": [EVENT | {"surprise": 1}]})

    assert [fault["loc"] for fault in caught.value.errors()] == [("events", 0, "surprise")]
