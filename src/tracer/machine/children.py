"""Processes that tracer starts: none can import, run or read anything because of the folder in which the user stands.

For work that somebody else's text may blow up. `Child("tracer.some.module", memory=bytes, cpu=seconds)` starts a Python of
its own that calls `work(channel)` of that module:

    def work(channel: Channel) -> None:                # in the child, until nobody asks any more
        while (asked := channel.receive()) is not None:
            channel.send(answer(asked))

    child = Child("tracer.some.module", memory=1 << 30, cpu=5)      # in the process that asks
    try:
        child.send(question)
        answer = child.receive()                       # raises ChildEndedError, which says how it ended
    finally:
        child.close()

Messages are bytes; what they mean is the affair of both sides. They are never pickles: whatever has taken over a child must
not get further. Ask one question at a time, or read answers while sending: pipes are short. A child whose `receive` has
raised is gone; start another. A child ends with the process that started it (on Linux at once, elsewhere when it next
reads or writes), it ignores an interrupt (who started it decides), prints nothing, and leaves no core dump.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import IO, NoReturn

from tracer.errors import TracerError
from tracer.machine.importing import import_path

CHUNK = 1 << 20
"""Bytes that are read from a pipe at a time."""

LENGTH = 8
"""Bytes that say how long a message is."""

FAILED = 1 << 63
"""Added to the length of a message that is none, but the last words of a child whose work raised an error."""

OUT_OF_MEMORY = 71
"""Exit code of a child that needed more memory than it may."""

KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR", "SYSTEMROOT")
"""What a child is told of the environment, beside folders of libraries."""

LIBRARIES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Without them some Pythons do not start."""

BOOT = (
    "import sys; sys.path[:] = sys.argv[5:]; from tracer.machine.children import _run; _run(*sys.argv[1:5])"
)


class ChildEndedError(TracerError):
    """A child that ended before it answered; `how` is a clause (`it was ended by signal 9`)."""

    def __init__(self, how: str, *, signal: int = 0) -> None:
        """`signal` is the one that ended it, 0 where it ended otherwise."""
        self.how = how
        self.signal = signal
        super().__init__(f"a process of tracer's ended before it answered ({how})")


class Child:
    """A process that works for this one."""

    def __init__(self, module: str, *, memory: int, cpu: float = 0, temporary: Path | None = None) -> None:
        """`memory` are the bytes it may hold, `cpu` the seconds of processor time that it may need between two messages (0:
        any).

        `temporary` is the folder for its temporary files (None: the usual one). Raises ChildEndedError where none can be started.
        """
        self.memory = memory
        self.cpu = cpu
        self._arrived = bytearray()
        self._messages: deque[bytes] = deque()
        self._ended: ChildEndedError | None = None
        ours, self._life = os.pipe()
        environment = surroundings() | (
            {"TMPDIR": str(temporary), "SQLITE_TMPDIR": str(temporary)} if temporary else {}
        )
        command = [
            *python(),
            "-c",
            BOOT,
            module,
            str(ours),
            str(int(memory)),
            str(float(cpu)),
            *import_path(),
        ]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env=environment,
                pass_fds=[ours],
            )
        except OSError as error:
            os.close(self._life)
            raise ChildEndedError(f"none can be started: {error.strerror}") from error
        finally:
            os.close(ours)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def gone(self) -> bool:
        """Whether it was closed, or its end was noticed."""
        return self._life < 0 or self._ended is not None

    def fileno(self) -> int:
        """What becomes readable when it has said something, or ended."""
        return self._output.fileno()

    @property
    def _output(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def send(self, data: bytes) -> None:
        """Give it a message. Raises ChildEndedError where it is gone."""
        assert self._process.stdin is not None
        if self.gone:
            raise self._end()
        try:
            _write(self._process.stdin.fileno(), len(data).to_bytes(LENGTH, "big") + data)
        except BrokenPipeError:
            raise self._end() from None

    def receive(self, seconds: float | None = None) -> bytes:
        """Its next message. Raises ChildEndedError where it is gone, or has said nothing for so long: then it is ended."""
        until = None if seconds is None else time.monotonic() + seconds
        while not self._messages:
            left = None if until is None else max(0.0, until - time.monotonic())
            if not self.gone and not select.select([self], [], [], left)[0]:
                self._ended = ChildEndedError(f"it took longer than {seconds:g} s")
                self.close()
                raise self._ended
            self._messages += self.arrived()
        return self._messages.popleft()

    def arrived(self) -> list[bytes]:
        """The messages that are complete once more was read; waits where nothing can be. Raises ChildEndedError."""
        more = b"" if self.gone else os.read(self._output.fileno(), CHUNK)
        if not more:
            raise self._end()
        self._arrived += more
        found = []
        while len(self._arrived) >= LENGTH:
            length = int.from_bytes(self._arrived[:LENGTH], "big")
            size = length & ~FAILED
            if size > self.memory:
                self._ended = ChildEndedError("it said what is no message")
                break
            if len(self._arrived) < LENGTH + size:
                break
            message = bytes(self._arrived[LENGTH : LENGTH + size])
            del self._arrived[: LENGTH + size]
            if length & FAILED:
                self._ended = ChildEndedError(f"tracer failed: {message.decode('utf-8', 'replace')}")
            else:
                found.append(message)
        return found

    def close(self) -> None:
        """End it, whatever it is at."""
        if self._life >= 0:
            os.close(self._life)
            self._life = -1
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def _end(self) -> ChildEndedError:
        """How it ended, once it is gone."""
        if self._ended is None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(1)
            self._ended = _ended(self._process.poll(), self.memory, self.cpu)
        self.close()
        return self._ended


def _ended(code: int | None, memory: int, cpu: float) -> ChildEndedError:
    if code == OUT_OF_MEMORY:
        return ChildEndedError(f"it needed more than {memory / (1 << 30):.3g} GiB of memory")
    if code == -signal.SIGPROF:
        return ChildEndedError(f"it came no further for {cpu:g} s of processor time")
    if code is not None and code < 0:
        return ChildEndedError(f"it was ended by signal {-code}", signal=-code)
    return ChildEndedError("it closed its output" if code is None else f"it ended with {code}")


def python() -> list[str]:
    """How a Python is started that is our own and knows nothing of the folder in which it starts.

    `-I` leaves out that folder, the user's own libraries and every `PYTHON…` of the environment.
    """
    options = ["-I", "-X", f"utf8={sys.flags.utf8_mode}"]
    return [sys.executable, *options, *(["-B"] if sys.dont_write_bytecode else [])]


def surroundings(*more: str) -> dict[str, str]:
    """All of the environment that a child needs, and these variables."""
    kept = {name: os.environ[name] for name in (*KEPT, *more) if name in os.environ}
    for name in LIBRARIES:
        # An entry that is empty or relative is the folder in which the user stands.
        folders = [one for one in os.environ.get(name, "").split(os.pathsep) if Path(one).is_absolute()]
        if folders:
            kept[name] = os.pathsep.join(folders)
    return kept


class Channel:
    """A child's side: what it is asked, and where it answers."""

    def __init__(self, asked: int, told: int, cpu: float) -> None:
        """Both are file descriptors."""
        self._asked = asked
        self._told = told
        self.cpu = cpu

    def receive(self) -> bytes | None:
        """The next message; None where nobody asks any more."""
        head = self._read(LENGTH)
        data = self._read(int.from_bytes(head, "big")) if len(head) == LENGTH else None
        self.alive()
        return data

    def send(self, data: bytes, *, failed: bool = False) -> None:
        """Answer. Raises BrokenPipeError where nobody listens any more."""
        self.alive()
        length = len(data) | (FAILED if failed else 0)
        _write(self._told, length.to_bytes(LENGTH, "big"))
        _write(self._told, data)

    def alive(self) -> None:
        """It came further: the seconds of processor time that it may need are counted from here on."""
        signal.setitimer(signal.ITIMER_PROF, self.cpu)

    def _read(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size and (more := os.read(self._asked, size - len(found))):
            found += more
        return bytes(found)


_channels: list[Channel] = []
"""The channel of this process, where it is a child."""


def alive() -> None:
    """Say in the midst of long work that it comes further (see `Channel.alive`); nothing where this is no child."""
    for channel in _channels:
        channel.alive()


def _write(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view) :]


def _run(module: str, life: str, memory: str, cpu: str) -> NoReturn:
    """What a child does: its module's work, until it is done or fails."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _ends_with(int(life))
    _bounded(int(memory))
    channel = Channel(*_apart(), float(cpu))
    _channels.append(channel)
    code = 0
    try:
        work: Callable[[Channel], None] = import_module(module).work
        work(channel)
    except MemoryError:
        code = OUT_OF_MEMORY
    except BrokenPipeError:
        code = 1
    except BaseException as error:  # a library's panic is no Exception
        code = 1
        with suppress(OSError):
            channel.send(_last_words(error).encode(), failed=True)
    os._exit(code)


def _ends_with(life: int) -> None:
    """Have the kernel end this process when the other end of this pipe is closed, in whatever library it is then."""
    import fcntl

    if sys.platform == "linux":
        fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([life], [], [], 0)[0]:
        os._exit(1)


def _bounded(memory: int) -> None:
    """No more memory than this (where the system can), and no core dump, which would hold evidence."""
    import resource

    # On Linux private memory alone: files that are mapped, and addresses that are only set aside, do no harm.
    kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
    for which, size in ((kind, memory), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(which)[1]
        least = size if hard == resource.RLIM_INFINITY else min(size, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(which, (least, least))


def _apart() -> tuple[int, int]:
    """Our two pipes under other numbers, so that nothing that a library prints or reads gets between the messages."""
    asked, told = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(nothing, number)
    return asked, told


def _last_words(error: BaseException) -> str:
    """Which error, and where in our code; not its text, which may be the evidence's."""
    import traceback

    place, ours = "", Path(__file__).parent
    for frame, line in traceback.walk_tb(error.__traceback__):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(ours) and file != Path(__file__):
            place = f" in {file.relative_to(ours)}:{line}"
    return f"{type(error).__name__}{place}"
