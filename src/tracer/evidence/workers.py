"""Several processes that read, for the one that writes: each takes a file, reads it, and sends what it gives.

A worker is `python -m tracer.evidence.workers`; it takes tasks from its input and sends messages to its output, pickled.
It ends when either is closed, so none outlives the process that started it.
"""

import os
import pickle
import selectors
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tracer.errors import CaseError
from tracer.evidence.reading import Message

HELD = 32 << 20
"""Bytes of one worker's messages that wait while another's are written; beyond them it must wait."""

CHUNK = 1 << 20
LENGTH = 8
"""Bytes that say how long a message is."""


@dataclass(frozen=True)
class Task:
    """What a worker is to read; `number` is the task's own."""

    number: int
    path: str
    source: str | None
    sources: Path | None


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    busy: bool = False
    arrived: bytearray = field(default_factory=bytearray)
    waiting: deque[tuple[int, Message | None]] = field(default_factory=deque)
    held: int = 0

    @property
    def output(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout

    def send(self, value: Any) -> None:
        assert self.process.stdin is not None
        _send(self.process.stdin, value)


class Crew:
    """Workers, and the tasks in their order, which is also the order in which their messages are asked for."""

    def __init__(self, tasks: list[Task], known: set[str], count: int) -> None:
        self.workers: list[_Worker] = []
        self.tasks = deque(tasks)
        self.given: dict[int, _Worker] = {}
        for _ in range(count):
            self._hire(known)

    def _hire(self, known: set[str]) -> None:
        command = [sys.executable, "-m", "tracer.evidence.workers"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        worker = _Worker(process)
        self.workers.append(worker)
        worker.send(known)
        self._give(worker)

    def dismiss(self) -> None:
        """End all workers, whatever they are at."""
        for worker in self.workers:
            worker.process.kill()
            worker.process.communicate()

    def messages(self, number: int) -> Iterator[Message]:
        """What the task of this number gives. Raises CaseError where a worker is lost."""
        while number not in self.given:
            self._receive(None)
        worker = self.given.pop(number)
        while True:
            while not worker.waiting:
                self._receive(worker)
            size, message = worker.waiting.popleft()
            worker.held -= size
            if message is None:
                return
            yield message

    def _give(self, worker: _Worker) -> None:
        worker.busy = bool(self.tasks)
        if self.tasks:
            task = self.tasks.popleft()
            self.given[task.number] = worker
            worker.send(task)

    def _receive(self, wanted: _Worker | None) -> None:
        """Take what workers have sent, from those that are not too far ahead."""
        with selectors.DefaultSelector() as selector:
            for worker in self.workers:
                if worker.busy and (worker is wanted or worker.held < HELD):
                    selector.register(worker.output, selectors.EVENT_READ, worker)
            for key, _ in selector.select():
                self._take(key.data)

    def _take(self, worker: _Worker) -> None:
        more = os.read(worker.output.fileno(), CHUNK)
        if not more:
            raise CaseError(
                f"a reading process was ended (with {worker.process.wait()})",
                todo="run the same command again: it goes on where it stopped",
            )
        worker.arrived += more
        while len(worker.arrived) >= LENGTH:
            end = LENGTH + int.from_bytes(worker.arrived[:LENGTH], "big")
            if len(worker.arrived) < end:
                break
            message = pickle.loads(bytes(worker.arrived[LENGTH:end]))
            del worker.arrived[:end]
            worker.waiting.append((end, message))
            worker.held += end
            if message is None:
                self._give(worker)


def _send(pipe: IO[bytes], value: Any) -> None:
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    data = len(data).to_bytes(LENGTH, "big") + data
    place = 0
    while place < len(data):
        place += pipe.write(data[place:]) or 0


def _received(pipe: IO[bytes]) -> Any:
    """The next value; None where the pipe was closed."""
    head = pipe.read(LENGTH)
    return pickle.loads(pipe.read(int.from_bytes(head, "big"))) if len(head) == LENGTH else None


def main() -> None:
    """Read what is asked for until nobody asks any more."""
    from tracer.evidence.ingest import messages

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked, told = sys.stdin.buffer, sys.stdout.buffer
    # Whatever a library prints must not get between the messages.
    sys.stdout = sys.stderr
    known: set[str] = _received(asked) or set()
    try:
        while (task := _received(asked)) is not None:
            for message in messages(task.path, task.source, task.sources, known.__contains__):
                _send(told, message)
            _send(told, None)
            told.flush()
    except BrokenPipeError:
        os._exit(1)


if __name__ == "__main__":
    main()
