"""Every limit is listed, says what it is for, and is tested at the limit and one beyond."""

from pathlib import Path

import pytest

from tracer.limits import Placed, limits

HERE = Path(__file__).parent
PLACED = limits()


def named(one: Placed) -> str:
    return f"{one.module.removeprefix('tracer.')}.{one.name}"


def test_there_are_limits_and_each_stands_in_one_place() -> None:
    assert len(PLACED) > 3
    assert len({named(one) for one in PLACED}) == len(PLACED)


@pytest.mark.parametrize("one", PLACED, ids=named)
def test_a_limit_says_what_it_bounds_and_why(one: Placed) -> None:
    assert all(
        len(text) > 10 and not text.endswith(".")
        for text in (one.limit.bounds, one.limit.why, one.limit.beyond)
    )
    assert one.limit.unit and one.limit > 0


@pytest.mark.parametrize("one", PLACED, ids=named)
def test_a_limit_is_tested(one: Placed) -> None:
    """Some test in this folder lowers it (`lowered("evidence.decompress.LARGEST", …)`) and goes one beyond."""
    tests = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    assert f'"{named(one)}"' in tests
