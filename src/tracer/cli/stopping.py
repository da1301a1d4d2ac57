"""An interrupt or a request to end: what the command holds is let go, and one sentence says that it was stopped."""

import signal
from types import FrameType

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""What asks a command to end; Windows has no SIGHUP."""


class Stopped(SystemExit):
    """The command was asked to end; everything that it holds is let go on the way up."""


_asked: list[signal.Signals] = []


def stop_in_order() -> None:
    """From now on these signals raise Stopped, unless whoever started us has them ignored; a second one ends us at once."""
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stop)


def stopped() -> signal.Signals | None:
    """The signal that asked us to end, also where a library has made another error of `Stopped`; None where none did."""
    return _asked[0] if _asked else None


def _stop(number: int, frame: FrameType | None) -> None:
    del frame
    _asked.append(signal.Signals(number))
    for one in SIGNALS:
        signal.signal(one, signal.SIG_DFL)
    raise Stopped(128 + number)
