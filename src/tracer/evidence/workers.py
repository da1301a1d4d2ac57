"""Several processes that read, for the one that writes: each takes a file, reads it, and sends what it gives.

What a file does to the process that reads it costs that file alone. A process that ends of itself (its memory or its time
used up, a crash) loses the content that it was at; one that was ended from outside is tried once more. What is lost stands
in the books as one rejected record, with the reason, and a fresh process goes on behind it.
"""

import selectors
import signal
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tracer.case.ids import ID_LENGTH, record_id
from tracer.errors import CaseError, TracerError
from tracer.evidence.handed_in import Handed, fetched, is_local, size, whole
from tracer.evidence.reading import Begun, Books, Done, Entries, Failed, Message, Recognised, Rows
from tracer.limits import Limit
from tracer.machine.children import Channel, Child, ChildEndedError
from tracer.machine.wire import decoded, encoded

HELD = 32 << 20
"""Bytes of one worker's messages that wait while another's are written; beyond them it must wait."""

LOST = "what it holds is not in the case: it is one rejected record, and the other files are read"

MEMORY = Limit(
    4 << 30,
    "bytes",
    bounds="memory of one process that reads evidence",
    why="files are read in pieces; a single record of 300 MB, which no product writes, needs a third of it",
    beyond=LOST,
)
NO_PROGRESS = Limit(
    600,
    "seconds of processor time",
    bounds="work of a reading process between two signs that it came further",
    why="16 MiB of evidence or 2,000 rows take seconds; a slow disk or network takes no processor time",
    beyond=LOST,
)

READER = __name__
"""The module whose `work` a process does that reads."""

FROM_OUTSIDE = {signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT}
"""Signals that a process does not get for what it does itself; the system sends SIGKILL to the largest one when memory runs out."""

KINDS: tuple[type[Message], ...] = (Begun, Recognised, Rows, Entries, Done, Failed)
"""Messages by the first byte that says which follows; one that is empty says that the task is done."""


@dataclass(frozen=True)
class Task:
    """What a worker is to read; `number` is the task's own. `skip` contents of it were read already."""

    number: int
    one: Handed
    source: str | None
    sources: str | None
    skip: int = 0

    @property
    def path(self) -> str:
        """What it was called when it was handed in."""
        return self.one.path


@dataclass
class _Reading:
    """A task while it is read, perhaps by one process after another, and its messages that wait."""

    task: Task
    waiting: deque[tuple[int, Message | None]] = field(default_factory=deque)
    held: int = 0
    begun: Begun | None = None
    recognised: Recognised | None = None
    again: bool = False
    """Whether the content at hand is tried a second time."""

    def put(self, message: Message | None, size: int = 0) -> None:
        """Let a message wait, and note how far this is."""
        self.waiting.append((size, message))
        self.held += size
        if isinstance(message, Begun):
            self.begun, self.recognised = message, None
        elif isinstance(message, Recognised):
            self.recognised = message
        elif isinstance(message, Done | Failed):
            self.task = replace(self.task, skip=self.task.skip + 1)
            self.begun, self.again = None, False


@dataclass
class _Worker:
    child: Child
    ready: bool = False
    reading: _Reading | None = None


class WorkerPool:
    """Workers, and the tasks in their order, which is also the order in which their messages are asked for."""

    def __init__(self, tasks: list[Task], count: int, temporary: Path) -> None:
        """Starts `count` processes, whose temporary files go into this folder."""
        self.readings = {task.number: _Reading(task) for task in tasks}
        self.tasks = deque(self.readings.values())
        self.temporary = temporary
        self.known = b""
        self.unopened: set[tuple[int, str]] = set()
        self.workers: list[_Worker] = []
        try:
            for _ in range(count):
                self.workers.append(_Worker(self._child()))
        except ChildEndedError as ended:
            self.close()
            raise _unusable(ended) from None

    def start(self, known: set[str], unopened: set[tuple[int, str]]) -> None:
        """Have them begin; `known` are the ids of evidence that is in the case already.

        `unopened` are size and SHA-256 of files that ended the process that opened them: none does again.
        """
        self.known, self.unopened = encoded(sorted(known)), unopened
        for worker in self.workers:
            self._tell(worker, self.known)
            self._give(worker)

    def close(self) -> None:
        """End all workers, whatever they are at."""
        for worker in self.workers:
            worker.child.close()

    def messages(self, number: int) -> Iterator[Message]:
        """What the task of this number gives. Raises CaseError where no process can be started."""
        reading = self.readings.pop(number)
        while True:
            while not reading.waiting:
                self._receive(reading)
            length, message = reading.waiting.popleft()
            reading.held -= length
            if message is None:
                return
            yield message

    def _child(self) -> Child:
        return Child(READER, memory=MEMORY, cpu=NO_PROGRESS, temporary=self.temporary)

    def _tell(self, worker: _Worker, data: bytes) -> None:
        """Send something; that it cannot be is seen when the answer is read."""
        with suppress(ChildEndedError):
            worker.child.send(data)

    def _give(self, worker: _Worker) -> None:
        """The next task that another process can read; what cannot even be fetched is told without one."""
        worker.reading = None
        while self.tasks and worker.reading is None:
            reading = self.tasks.popleft()
            if (begun := self._is_unopened(reading.task)) is not None:
                reading.put(begun)
                reading.put(Done(Books(begun.path, begun.sha256, known=True)))
                reading.put(None)
                continue
            try:
                if not is_local(reading.task.path):
                    file = fetched(reading.task.path, self.temporary / str(reading.task.number))
                    one = reading.task.one._replace(file=str(file))
                    reading.task = replace(reading.task, one=one)
            except TracerError as problem:
                reading.put(Failed(problem))
                reading.put(None)
            else:
                worker.reading = reading
                self._tell(worker, encoded(reading.task))

    def _is_unopened(self, task: Task) -> Begun | None:
        """The file, where an earlier run could not open it."""
        with suppress(OSError, TracerError):
            if size(task.one) in {known for known, _ in self.unopened}:
                begun = whole(task.one)
                return begun if (begun.size, begun.sha256) in self.unopened else None
        return None

    def _receive(self, wanted: _Reading) -> None:
        """Take what workers have sent, from those that are not too far ahead."""
        able = [
            worker
            for worker in self.workers
            if worker.reading and (worker.reading is wanted or worker.reading.held < HELD)
        ]
        gone = [worker for worker in able if worker.child.gone]
        with selectors.DefaultSelector() as selector:
            for worker in able:
                if not gone:
                    selector.register(worker.child, selectors.EVENT_READ, worker)
            for worker in gone or [key.data for key, _ in selector.select()]:
                self._take(worker)

    def _take(self, worker: _Worker) -> None:
        try:
            for data in worker.child.arrived():
                self._note(worker, data)
        except ChildEndedError as ended:
            self._ended(worker, ended)
        except (ValueError, RecursionError):
            worker.child.close()
            self._ended(worker, ChildEndedError("it said what is no message"))

    def _note(self, worker: _Worker, data: bytes) -> None:
        if not worker.ready:
            worker.ready = True
            return
        assert worker.reading is not None
        if data:
            worker.reading.put(_message(data), len(data))
        else:
            self._done(worker.reading)
            self._give(worker)

    def _done(self, reading: _Reading) -> None:
        reading.put(None)
        if reading.task.one.file is not None:
            Path(reading.task.one.file).unlink(missing_ok=True)

    def _ended(self, worker: _Worker, ended: ChildEndedError) -> None:
        """Note what the end of a worker costs, and have a fresh one go on."""
        reading = worker.reading
        assert reading is not None
        through, once_more = False, ended.signal in FROM_OUTSIDE and not reading.again
        if not worker.ready and not once_more:
            raise _unusable(ended)
        if once_more:
            reading.again = True
        else:
            # A file that is no archive has nothing behind the content that was lost.
            through = reading.begun is None or reading.begun.path == reading.task.path
            for message in _lost(reading, ended.how):
                reading.put(message)
        try:
            worker.child = self._child()
        except ChildEndedError as problem:
            raise _unusable(problem) from None
        worker.ready = False
        self._tell(worker, self.known)
        if through:
            self._done(reading)
            self._give(worker)
        else:
            self._tell(worker, encoded(reading.task))


def _unusable(ended: ChildEndedError) -> CaseError:
    return CaseError(
        f"no process that reads can be started ({ended.how})",
        todo="see to memory and the limits of this session, then run the same command again: it goes on where it stopped",
    )


def _lost(reading: _Reading, how: str) -> Iterator[Message]:
    """The books of the content that was at hand: one record, rejected; of the file, where none was begun."""
    try:
        begun = reading.begun or whole(reading.task.one)
    except TracerError as problem:
        yield Failed(problem)
        return
    except OSError as error:
        why = f"cannot be read ({error.strerror or error})"
        yield Failed(CaseError(why, where=reading.task.path, todo="check its permissions"))
        return
    source = reading.recognised or Recognised(None, None)
    why = f"reading it ended the process that read it ({how}); nothing of it is kept"
    identifier = begun.sha256[:ID_LENGTH]
    rows: dict[str, list[tuple[Any, ...]]] = {
        "rejects": [(record_id(begun.sha256, 0), identifier, 0, 0, why, "")]
    }
    if source.name and source.kind != "register":
        rows["sources"] = [(source.name, source.kind, source.carries)]
    yield begun
    yield Rows(rows)
    yield Done(
        Books(begun.path, begun.sha256, source.name, records=1, rejected=1),
        (begun.size, source.kind, None, None),
        CaseError(
            why, where=begun.path, todo="hand it in again in smaller parts; this file is not tried again"
        ),
    )


def _message(data: bytes) -> Message:
    """Raises ValueError where it is none."""
    if data[0] >= len(KINDS):
        raise ValueError("this is no message of a reading process")
    return decoded(data[1:], KINDS[data[0]])


def work(channel: Channel) -> None:
    """Read what is asked for until nobody asks any more."""
    from tracer.evidence.ingest import messages

    known = set(decoded(channel.receive() or b"", list[str]))
    channel.send(b"")
    while (asked := channel.receive()) is not None:
        for message in messages(decoded(asked, Task), known.__contains__):
            channel.send(bytes([KINDS.index(type(message))]) + encoded(message))
        channel.send(b"")
