from pathlib import Path

import pytest

from firstsight.core.errors import SettingsError
from firstsight.settings import load
from firstsight.settings.durations import Duration, TimeOfDay

SPAN = "is no span of time: 'a day'. Write a number and a unit, such as 90m, 24h or 7d."


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("90m", 5400), ("24h", 86400), ("24 h", 86400), ("7d", 604800), ("2w", 1209600), ("", 0)],
)
def test_spans(text: str, seconds: float) -> None:
    assert Duration(text).seconds == seconds
    assert Duration(text) == text


@pytest.mark.parametrize("text", ["24", "h", "1.5h", "-1h", "0h", "1y", "1h30m", " 1h", "1H", "9999999s", "٣h"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no span of time: .* such as 90m, 24h or 7d"):
        Duration(text)


@pytest.mark.parametrize(("text", "seconds"), [("00:00", 0), ("08:00", 28800), ("23:59", 86340), ("", None)])
def test_times_of_day(text: str, seconds: float | None) -> None:
    assert TimeOfDay(text).seconds == seconds


@pytest.mark.parametrize("text", ["8:00", "24:00", "08:60", "8am", "08:00:00"])
def test_what_is_no_time_of_day(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time of day: .* such as 08:00"):
        TimeOfDay(text)


def test_settings_say_where_and_what_would_do(tmp_path: Path) -> None:
    file = tmp_path / "firstsight.toml"
    file.write_text('[alerts]\nwindow = "a day"\ndigest = "noon"\nagent_silent = 7\n')
    with pytest.raises(SettingsError) as error:
        load(file)
    assert str(error.value).splitlines() == [
        f"{file}, line 2: `alerts.window` {SPAN}",
        f"{file}, line 4: `alerts.agent_silent`: input should be a valid string.",
        f"{file}, line 3: `alerts.digest` is no time of day: 'noon'. Write hours and minutes in UTC, such as 08:00.",
    ]


def test_settings_are_spans(tmp_path: Path) -> None:
    file = tmp_path / "firstsight.toml"
    file.write_text('[alerts]\nwindow = "7d"\nagent_silent = ""\n')
    alerts = load(file).alerts
    assert (alerts.window.seconds, alerts.agent_silent.seconds, alerts.digest.seconds) == (604800, 0, 28800)
