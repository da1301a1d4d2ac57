"""A replay in a process of its own, that is ended when it takes too long or too much: a rule's text is anybody's."""

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracer.case.opening import open_case
from tracer.case.troubles import explained
from tracer.errors import CaseError, RuleError, TracerError
from tracer.limits import Limit
from tracer.machine.children import Channel, Child, ChildEndedError
from tracer.machine.wire import decoded, encoded
from tracer.questions.new_rule import named, read_rules
from tracer.questions.replay import Change, replay_grants, replay_rule

MEMORY = Limit(
    4 << 30,
    "bytes",
    bounds="memory of the process that replays a rule",
    why="a replay holds the decisions of one rule, a few KiB each; what grows beyond this is the rule's own doing",
    beyond="the replay is refused",
)


@dataclass(frozen=True)
class _Asked:
    """What is to be replayed, as `replay_in_time` is asked."""

    case: str
    grant: str | None
    corrected: dict[str, str]
    rule: str | None
    of: str | None
    language: str
    approval: str | None


@dataclass(frozen=True)
class _Answered:
    """The answers, or why there are none."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    problem: TracerError | None = None


def replay_in_time(
    case: str,
    grant: str | None,
    *,
    corrected: dict[str, str],
    rule: Path | None,
    of: str | None,
    language: str,
    approval: str | None,
    seconds: float,
) -> list[dict[str, Any]]:
    """The answers of the replay, one per rule tried (or one). `case` is judged already.

    Raises RuleError where it takes longer than `seconds` or too much memory, and what the replay itself raises.
    """
    asked = _Asked(case, grant, corrected, str(rule) if rule is not None else None, of, language, approval)
    child = Child(__name__, memory=MEMORY)
    try:
        child.send(encoded(asked))
        answered = decoded(child.receive(seconds), _Answered)
    except ChildEndedError as ended:
        raise RuleError(
            f"the replay was ended ({ended.how})",
            todo="raise --time-limit, or try the rule on one grant first",
        ) from None
    finally:
        child.close()
    if answered.problem is not None:
        raise answered.problem
    return answered.answers


def work(channel: Channel) -> None:
    """Answer what is asked, in the process that may be ended."""
    while (data := channel.receive()) is not None:
        channel.send(encoded(_answered(decoded(data, _Asked))))


def _answered(asked: _Asked) -> _Answered:
    try:
        with explained(asked.case):
            return _Answered(_replays(open_case(asked.case), asked))
    except TracerError as problem:
        return _Answered(problem=problem)
    except sqlite3.Error as error:
        return _Answered(problem=CaseError(f"the case cannot be read ({error})", where=asked.case))


def _replays(connection: sqlite3.Connection, asked: _Asked) -> list[dict[str, Any]]:
    from tracer.case.functions import add_functions

    add_functions(connection)
    rule = Path(asked.rule) if asked.rule is not None else None
    rules = read_rules(connection, rule, asked.language) if rule is not None else [None]
    if asked.grant is not None:
        return [
            replay_grants(connection, asked.grant, Change(asked.corrected, one, asked.approval))
            for one in rules
        ]
    assert rule is not None
    return [
        replay_rule(connection, named(connection, one, rule, asked.of)) for one in rules if one is not None
    ]
