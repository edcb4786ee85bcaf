"""Which apps may pass, and under which name."""

import pytest

from pushexpress.apps import Apps


@pytest.mark.parametrize(
    ("listed", "app_id", "real"),
    [
        ("20523-1212", "20523-1212", "20523-1212"),
        ("20523-1212", "20523-1213", None),
        ("20523-1212", "20523-121", None),
        ("1, 2 ,3", "2", "2"),
        ("demo=20523-1212", "demo", "20523-1212"),
        ("demo=20523-1212", "20523-1212", None),
        ("demo=20523-1212,20523-1212", "20523-1212", "20523-1212"),
        ("*", "any_1-x", "any_1-x"),
        ("*,demo=20523-1212", "demo", "20523-1212"),
        ("*,demo=20523-1212", "other", "other"),
        ("", "20523-1212", None),
        ("1", "*", None),
        ("*", "*", None),
        ("*", "", None),
        ("*", "a" * 64, "a" * 64),
        ("*", "a" * 65, None),
        ("*", "a\n", None),
        ("*", "../x", None),
        ("*", "%2e%2e", None),
        ("*", "é", None),
        ("*", "٣", None),
    ],
)
def test_real(listed: str, app_id: str, real: str | None) -> None:
    assert Apps.of(listed).real(app_id) == real
