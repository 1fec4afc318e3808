"""When a day should have ended, by the bank's own clock."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured

from bank.business_day import last_due
from config import environment

AT = time(0, 30)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 3, 2, 0, 29, 59, tzinfo=UTC), date(2026, 2, 28)),
        (datetime(2026, 3, 2, 0, 30, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 2, 23, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 3, 0, 0, tzinfo=UTC), date(2026, 3, 1)),
    ],
)
def test_a_day_ends_at_its_time_on_the_next(now: datetime, day: date) -> None:
    assert last_due(now, AT) == day


def test_one_instant_is_another_day_elsewhere() -> None:
    now = datetime(2026, 3, 1, 22, 45, tzinfo=UTC)
    assert last_due(now, AT) == date(2026, 2, 28)
    assert last_due(now.astimezone(ZoneInfo("Europe/Malta")), AT) == date(2026, 2, 28)
    assert last_due(now.astimezone(ZoneInfo("Asia/Kolkata")), AT) == date(2026, 3, 1)


def test_the_time_and_the_zone_are_settings_that_say_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AT", "00:30")
    assert environment.time_of_day("AT", "01:00") == AT
    monkeypatch.setenv("AT", "")
    assert environment.time_of_day("AT", "01:00") is None
    monkeypatch.setenv("AT", "half past")
    with pytest.raises(ImproperlyConfigured, match="AT: a time of day"):
        environment.time_of_day("AT", "01:00")
    monkeypatch.setenv("ZONE", "Europe/Malta")
    assert environment.time_zone("ZONE") == "Europe/Malta"
    monkeypatch.setenv("ZONE", "Mars")
    with pytest.raises(ImproperlyConfigured, match="ZONE: a time zone"):
        environment.time_zone("ZONE")
