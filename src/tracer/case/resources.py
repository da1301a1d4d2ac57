"""Data files that come with tracer: declarations, samples, Datasette's metadata."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from tracer.errors import CaseError

CHECKOUT = Path(__file__).parents[3]
"""The top of the repository, where the package runs from a checkout (editable install)."""


def resource(name: str) -> Traversable:
    """The data file or folder of that name, such as `ingest` or `datasette-metadata.json`.

    Taken from the installed package, else from the checkout. Raises CaseError where it is in neither.
    """
    installed = files("tracer").joinpath("data", name)
    if installed.is_file() or installed.is_dir():
        return installed
    found = CHECKOUT / name
    if not found.exists():
        raise CaseError(
            f"the data file {name!r} is missing", where=str(CHECKOUT), todo="install tracer again"
        )
    return found
