"""tracer: which control let a wrong access happen, and who owned that control at that time."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("tracer-forensics")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0+unknown"
