"""tracer: which control let a wrong access happen, and who owned that control at that time."""

from functools import cache


@cache
def version() -> str:
    """The version that is installed."""
    # Imported where it is asked for: it takes a third of the time in which a command starts.
    from importlib import metadata

    try:
        return metadata.version("tracer-forensics")
    except metadata.PackageNotFoundError:  # a checkout that was never installed
        return "0+unknown"


def __getattr__(name: str) -> str:
    if name == "__version__":
        return version()
    raise AttributeError(f"module 'tracer' has no attribute {name!r}")
