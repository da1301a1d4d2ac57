"""Where modules and programs are found: never in the folder in which the user stands, for it may be the one with the evidence."""

import os
import sys
from pathlib import Path


def import_path() -> list[str]:
    """The folders of this process's modules without the one in which the user stands, unless tracer itself lies in it."""
    home = Path(__file__).resolve().parents[1]
    here = _here()
    return [folder for folder in sys.path if _elsewhere(folder, None if here == home else here)]


def search_path() -> str:
    """The folders in which programs are looked for, as PATH has them, without the one in which the user stands."""
    here = _here()
    folders = [one for one in os.environ.get("PATH", "").split(os.pathsep) if _elsewhere(one, here)]
    # An empty PATH would be the current folder again.
    return os.pathsep.join(folders) or os.defpath


def _here() -> Path | None:
    """The folder in which the user stands; None where it was removed."""
    try:
        return Path.cwd().resolve()
    except FileNotFoundError:
        return None


def _elsewhere(folder: str, here: Path | None) -> bool:
    """Whether an entry is another folder; an empty or relative one is where the user stands."""
    return Path(folder).is_absolute() and Path(folder).resolve() != here
