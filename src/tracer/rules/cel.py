"""Rules and eligibility in CEL (https://cel.dev), behind one adapter.

Expressions read attributes of `identity`; an attribute without a value is the empty string, as identity engines have
it. Whatever the engine cannot evaluate is indeterminate with a reason, never denied.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tracer.limits import Limit
from tracer.rules.blanks import TOKEN, deciding
from tracer.rules.cel_apart import INDETERMINATE, MACROS, Values, apart, evaluate_apart

LONGEST = Limit(
    8192,
    "bytes",
    bounds="the text of a rule or eligibility expression in CEL",
    why="the longest rules that products allow are half of it, and its parser needs memory for each byte",
    beyond=INDETERMINATE,
)
DEEPEST = Limit(
    64,
    "levels",
    bounds="brackets inside each other in an expression",
    why="the engine's parser calls itself for each, and its stack ends",
    beyond=INDETERMINATE,
)
LIST_OPERATIONS = Limit(
    2,
    "macros",
    bounds="operations over lists (`all`, `exists`, `map` …) in an expression",
    why="each can multiply the work by the length of the list",
    beyond=INDETERMINATE,
)


@dataclass(frozen=True)
class Evaluation:
    """`result` (None: indeterminate, and `reason` says why) and the attributes without a value that decided it."""

    result: bool | None
    blank: tuple[str, ...] = ()
    reason: str | None = None


@lru_cache(maxsize=4096)
def attribute_paths(expression: str) -> tuple[str, ...]:
    """The attributes of `identity` that an expression reads, sorted: `identity.a`, `identity["a"]`, `has(identity.a)`.

    None of one that is too long to be evaluated.
    """
    if len(expression) > LONGEST:
        return ()
    tokens = TOKEN.findall(expression)
    found = set()
    for here, token in enumerate(tokens):
        if token != "identity" or (here and tokens[here - 1] == "."):
            continue
        after = tokens[here + 1 : here + 3]
        if len(after) == 2 and after[0] == "." and re.fullmatch(r"[A-Za-z_]\w*", after[1]):
            found.add(after[1])
        elif len(after) == 2 and after[0] == "[" and after[1][0] in "\"'":
            found.add(after[1][1:-1])
    return tuple(sorted(found))


def evaluate(expression: str, attributes: Mapping[str, str]) -> Evaluation:
    """The result of `expression` on these attributes of the identity."""
    paths = attribute_paths(expression)
    return _evaluate(expression, tuple((path, attributes.get(path, "")) for path in paths))


@lru_cache(maxsize=262_144)
def _evaluate(expression: str, values: Values) -> Evaluation:
    if unreadable(expression) is None and apart(expression, values):
        return Evaluation(*evaluate_apart(expression, values))
    return evaluate_here(expression, values)


def evaluate_here(expression: str, values: Values) -> Evaluation:
    """The result of `expression` on these attributes, in this process."""
    known = dict(values)
    result, reason = _run(expression, known)
    if result is None:
        return Evaluation(None, (), reason)
    empty = [name for name, value in values if not value]
    return Evaluation(result, deciding(expression, known, empty, result, _run) if empty else ())


def unreadable(expression: str) -> str | None:
    """Why the expression can never be evaluated, whatever the attributes; None where it can."""
    return _compiled(expression)[1]


@lru_cache(maxsize=4096)
def _compiled(expression: str) -> tuple[Any, str | None]:
    """The compiled expression, or why it cannot be."""
    import cel

    if len(expression.encode("utf-8", "surrogatepass")) > LONGEST:
        return None, f"the expression is longer than {LONGEST} bytes"
    tokens = TOKEN.findall(expression)
    depth = deepest = 0
    for token in tokens:
        depth += (token in "([{") - (token in ")]}")
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        return None, f"the expression is nested more than {DEEPEST} deep"
    if sum(token in MACROS for token in tokens) > LIST_OPERATIONS:
        return None, f"the expression has more than {LIST_OPERATIONS} list operations"
    try:
        return cel.compile(expression), None
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # the engine's panics are no Exception
        return None, f"the expression cannot be read ({_short(error)})"


def _run(expression: str, values: Mapping[str, str]) -> tuple[bool | None, str | None]:
    program, reason = _compiled(expression)
    if program is None:
        return None, reason
    try:
        result = program.execute({"identity": dict(values)})
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # the engine's panics are no Exception
        return None, f"the expression cannot be evaluated ({_short(error)})"
    if not isinstance(result, bool):
        return None, "the expression gives no yes or no"
    return result, None


def _short(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:160]
