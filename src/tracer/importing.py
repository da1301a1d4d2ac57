"""Where modules are found: never in the folder in which the user stands, for it may be the one with the evidence."""

import sys
from pathlib import Path


def import_path() -> list[str]:
    """The folders of this process's modules without the one in which the user stands, unless tracer itself lies in it."""
    home = Path(__file__).resolve().parents[1]
    try:
        here = Path.cwd().resolve()
    except FileNotFoundError:  # the folder was removed under us
        here = home
    return [
        folder
        for folder in sys.path
        if Path(folder).is_absolute() and (Path(folder).resolve() != here or here == home)
    ]
