"""Expressions whose work grows faster than their text, evaluated in a process of its own that has a limit of time and memory.

Nearly all are evaluated where they are asked for (`apart` says which are not): what goes over long lists, builds long
texts, or matches patterns that are long, counted or taken from an attribute.
"""

import json
import re
import threading
from contextlib import suppress
from functools import lru_cache

from tracer.limits import Limit
from tracer.machine.children import Child, ChildEndedError
from tracer.rules.blanks import TOKEN

INDETERMINATE = "the rule is indeterminate, and what rests on it undetermined"

Values = tuple[tuple[str, str], ...]
"""Attributes of an identity and their values."""

Answer = tuple[bool | None, tuple[str, ...], str | None]
"""The result, the attributes without a value that decided it, and why it is indeterminate."""

SECONDS = Limit(
    2,
    "seconds",
    bounds="the processor time of one evaluation, with the tries for its attributes without a value",
    why="an expression that is not made to last takes thousandths, and with all tries tenths",
    beyond=INDETERMINATE,
)
MEMORY = Limit(
    1 << 30,
    "bytes",
    bounds="the memory of the process that evaluates expressions",
    why="lists of lists can fill any memory in a few seconds; real expressions need some megabytes",
    beyond=INDETERMINATE,
)
TOGETHER = Limit(
    600,
    "seconds",
    bounds="the processor time of all evaluations in that process for one command",
    why="many that stay below their own limit would take days; a million ordinary ones take two minutes",
    beyond="the expressions that would need it are indeterminate from then on",
)
FAILURES = Limit(
    3,
    "evaluations",
    bounds="how often one expression is tried again after it met a limit",
    why="on other attributes it may be quick, but hardly after the third time",
    beyond="the expression is indeterminate from then on",
)
LONGEST = Limit(
    1024 * 1024,
    "characters",
    bounds="the attributes that one evaluation reads",
    why="the longest, lists of groups with their full names, have a tenth",
    beyond=INDETERMINATE,
)

SMALL = 4096
"""Characters of attributes up to which an ordinary expression takes less than a thousandth of a second."""

MACROS = {"all", "exists", "exists_one", "map", "filter"}
ITEMS = 1000
"""Passes of operations over lists up to which they take no time worth mentioning."""

JOINS, PATTERNS, COUNTED = 16, 500, 16
"""Additions, characters of patterns, and counts up to nine in them, up to which the same holds."""


def apart(expression: str, values: Values) -> bool:
    """Whether this is to be evaluated in a process of its own."""
    return _heavy(expression) or sum(len(value) for _, value in values) > SMALL


@lru_cache(maxsize=4096)
def _heavy(expression: str) -> bool:
    tokens = TOKEN.findall(expression)
    macros = sum(token in MACROS for token in tokens)
    if tokens.count("+") > JOINS or (macros and (1 + tokens.count(",")) ** macros > ITEMS):
        return True
    called = [tokens[here + 1 : here + 4] for here, token in enumerate(tokens) if token == "matches"]
    if any(len(call) < 3 or call[0] != "(" or call[1][0] not in "\"'" or call[2] != ")" for call in called):
        return True
    patterns = "".join(call[1] for call in called)
    counts = patterns.count("{")
    plain = len(re.findall(r"(?<!\))\{\d\}", patterns))
    return len(patterns) > PATTERNS or counts > COUNTED or counts > plain


class Apart:
    """The process, started when it is first needed, and what it has taken."""

    def __init__(self) -> None:
        self._child: Child | None = None
        self._lock = threading.Lock()
        self._failed: dict[str, int] = {}
        self._spent = 0.0

    def evaluate(self, expression: str, values: Values) -> Answer:
        """Its result on these attributes; indeterminate beyond a limit."""
        if sum(len(value) for _, value in values) > LONGEST:
            return None, (), f"the attributes that it reads are longer than {LONGEST} characters"
        with self._lock:
            if self._failed.get(expression, 0) >= FAILURES or self._spent > TOGETHER:
                return None, (), _beyond("it met them before")
            try:
                answer = self._ask(json.dumps([expression, values]).encode())
            except ChildEndedError as error:
                self._failed[expression] = self._failed.get(expression, 0) + 1
                self._spent += SECONDS
                return None, (), _beyond(error.how)
            result, blank, reason, seconds = json.loads(answer)
            self._spent += seconds
            return result, tuple(blank), reason

    def _ask(self, question: bytes) -> bytes:
        if self._child is None:
            self._child = Child("tracer.rules.cel_child", memory=MEMORY, cpu=SECONDS)
        try:
            self._child.send(question)
            return self._child.receive()
        except BaseException:  # also an interrupt: what it would answer next belongs to this question
            with suppress(OSError):
                self._child.close()
            self._child = None
            raise


def _beyond(how: str) -> str:
    return f"the expression cannot be evaluated in {SECONDS} s and {MEMORY >> 20} MiB of memory ({how})"


_APART = Apart()


def evaluate_apart(expression: str, values: Values) -> Answer:
    """The result of the expression on these attributes; indeterminate beyond a limit."""
    return _APART.evaluate(expression, values)
