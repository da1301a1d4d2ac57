"""A replay in a process of its own, that is ended when it takes too long: a rule's text is anybody's."""

import multiprocessing
import sqlite3
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tracer.case.opening import open_case
from tracer.errors import CaseError, RuleError, TracerError
from tracer.questions.new_rule import named, read_rules
from tracer.questions.replay import Change, replay_grants, replay_rule


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

    Raises RuleError where it takes longer than `seconds`, and what the replay itself raises.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    work = context.Process(
        target=_work, args=(there, case, grant, corrected, rule, of, language, approval), daemon=True
    )
    work.start()
    there.close()
    try:
        if not here.poll(seconds):
            raise RuleError(
                f"the replay took longer than {seconds:g} s", todo="raise --time-limit, or name a grant"
            )
        found, error = here.recv()
    except EOFError:
        raise RuleError(
            "the replay ended without an answer", todo="try the rule on one grant first"
        ) from None
    finally:
        if work.is_alive():
            work.kill()
        work.join()
    if error is not None:
        kind, what, where, todo = error
        raise kind(what, where=where, todo=todo)
    assert isinstance(found, list)
    return found


def _work(
    pipe: Connection,
    case: str,
    grant: str | None,
    corrected: dict[str, str],
    rule: Path | None,
    of: str | None,
    language: str,
    approval: str | None,
) -> None:
    try:
        connection = open_case(case)
        pipe.send((_replays(connection, grant, corrected, rule, of, language, approval), None))
    except TracerError as error:
        pipe.send((None, (type(error), error.what, error.where, error.todo)))
    except sqlite3.Error as error:
        pipe.send((None, (CaseError, f"the case cannot be read ({error})", case, "")))
    finally:
        pipe.close()


def _replays(
    connection: sqlite3.Connection,
    grant: str | None,
    corrected: dict[str, str],
    rule: Path | None,
    of: str | None,
    language: str,
    approval: str | None,
) -> list[dict[str, Any]]:
    from tracer.case.functions import add_functions

    add_functions(connection)
    rules = read_rules(connection, rule, language) if rule is not None else [None]
    if grant is not None:
        return [replay_grants(connection, grant, Change(corrected, one, approval)) for one in rules]
    assert rule is not None
    return [replay_rule(connection, named(connection, one, rule, of)) for one in rules if one is not None]
