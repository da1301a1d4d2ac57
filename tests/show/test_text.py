"""Text that attackers wrote cannot act on what shows it."""

import pytest
from tests.show.examples import HOSTILE

from tracer.show.text import cells, clock, markdown_text, period, safe_text


def test_escape_sequences_and_direction_marks_become_visible_codes() -> None:
    shown = safe_text("a\x1b[31mb\u202ec\x9b1m\u200bd\ud800")
    assert shown == "a\\x1b[31mb\\u202ec\\x9b1m\\u200bd\\ud800"


def test_a_value_stays_on_one_line() -> None:
    assert safe_text("a\r\nb\tc") == "a b c"
    assert safe_text("a\u2028b\x0bc\x85d") == "a\\u2028b\\x0bc\\x85d"


@pytest.mark.parametrize(
    "character",
    [
        *(
            "\x00",
            "\x7f",
            "\x9b",
            "\u00ad",
            "\u061c",
            "\u115f",
            "\u200c",
            "\u200f",
            "\u2028",
            "\u202e",
            "\u2066",
            "\u3164",
        ),
        *(
            "\ufdd0",
            "\ufe0f",
            "\ufeff",
            "\ufffe",
            "\uffff",
            "\udcff",
            "\U0001fffe",
            "\U0010ffff",
            "\U000e0041",
        ),
    ],
)
def test_what_is_not_seen_or_is_no_character_is_shown_as_its_code(character: str) -> None:
    shown = safe_text(f"no{character}ra")
    assert character not in shown
    assert f"{ord(character):x}" in shown


def test_letters_of_all_languages_stay() -> None:
    for name in ("Zoë Ångström", "e\u0301", "Дарья", "नीरज", "山田", "عمر", "🦊", "\ufffd", "ｎｏｒａ"):
        assert safe_text(name) == name
    assert "\\u0301" in safe_text("e" + "\u0301" * 40)


def test_secrets_are_masked_before_the_text_is_cut() -> None:
    assert (
        safe_text("x" * 20 + " password=hunter2hunter2 and more", 36)
        == "x" * 20 + " password=•••• (… (31 more characters)"
    )


def test_long_text_is_cut_and_says_how_much_is_left_out() -> None:
    assert safe_text("x" * 1000, 10) == "xxxxxxxxxx… (990 more characters)"
    assert len(safe_text("x" * 1000, None)) == 1000


def test_text_is_not_cut_where_saying_so_would_be_longer() -> None:
    assert safe_text("x" * 30, 10) == "x" * 30


@pytest.mark.parametrize("value", [None, "", 3, {"a": "\x07"}, ["\u202e"], 1e400])
def test_any_type_is_shown(value: object) -> None:
    assert "\x07" not in safe_text(value)


def test_markdown_has_no_markup_html_link_or_mention() -> None:
    shown = markdown_text(HOSTILE + " @team https://evil.example www.evil.example")
    assert "<script" not in shown
    assert "\\[x\\]\\(" in shown
    assert "\\|" in shown
    assert "://" not in shown
    assert "\\@team" in shown
    assert "www." not in shown
    assert markdown_text("- item").startswith("\\-")
    assert markdown_text("1. item") == "1\\. item"


def test_wide_and_combining_characters_are_counted_in_columns() -> None:
    assert (cells("abc"), cells("日本"), cells("e\u0301")) == (3, 4, 1)


def test_times_are_shown_as_precisely_as_they_say_something() -> None:
    assert clock("2026-03-02T07:00:00.000Z") == "2026-03-02 07:00Z"
    assert clock("2026-03-02T07:00:01.000Z") == "2026-03-02 07:00:01Z"
    assert clock("2026-03-02T07:00:00.250Z") == "2026-03-02 07:00:00.250Z"
    assert clock(None) == "unknown"
    assert clock("someday\x1b") == "someday\\x1b"


def test_open_periods_say_so() -> None:
    assert period(None) == ""
    assert period([None, None]) == "any time"
    assert period([None, "2026-03-02T00:00:00.000Z"]) == "the beginning to 2026-03-02 00:00Z"
