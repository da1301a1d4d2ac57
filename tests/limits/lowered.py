"""Limits made small for a test, so that harmless input reaches them."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager

from tracer.limits import Limit


@contextmanager
def lowered(place: str, value: int) -> Iterator[Limit]:
    """The limit at `place` (`module.NAME`, without `tracer.`) is `value` until the end of the block."""
    module, _, name = place.rpartition(".")
    source = importlib.import_module(f"tracer.{module}")
    stands = getattr(source, name)
    assert isinstance(stands, Limit), f"{place} is no limit"
    small = Limit(value, stands.unit, bounds=stands.bounds, why=stands.why, beyond=stands.beyond)
    setattr(source, name, small)
    try:
        yield small
    finally:
        setattr(source, name, stands)
