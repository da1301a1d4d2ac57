"""The chain in short: at most one step per control point, unless its check failed."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from tracer.show.steps import FAIL, NEUTRAL, NONE, Answer, Step, failings, steps_of
from tracer.show.text import clock, plural, safe_text

TOLD = 3
"""Links of one control point whose words are joined into one line; more are counted."""


def brief_steps(answer: Answer, points: Mapping[str, str] | None = None) -> list[Step]:
    """The steps of the chain, several links of one control point folded into one; every failing link stays."""
    folded: list[Step] = []
    for point, group in groupby(steps_of(answer, points), key=lambda step: step.point):
        steps = list(group)
        if point == "source-data" and steps[0].present:
            folded += _facts(answer, steps)
        elif any(step.mark == FAIL for step in steps):
            folded += [step for step in steps if step.mark == FAIL]
        else:
            folded.append(_one(steps))
    return folded


def _one(steps: list[Step]) -> Step:
    """Links that all passed, as one step with the evidence of all of them."""
    if len(steps) == 1:
        return steps[0]
    last = steps[-1]
    words = "; ".join(step.what for step in steps[-TOLD:])
    more = len(steps) - TOLD
    return Step(
        last.point,
        last.label,
        last.mark,
        last.at,
        f"{words} (and {more:,} before)" if more > 0 else words,
        "inferred" if any(step.basis == "inferred" for step in steps) else last.basis,
        _evidence(steps),
    )


def _facts(answer: Answer, steps: list[Step]) -> list[Step]:
    """One step per attribute that failed, telling its readings; one for all others, with the values that decided."""
    links = (answer.get("lineage") or {}).get("source_data") or []
    failed = {
        finding.get("attribute")
        for finding in failings(answer)
        if finding.get("control_point") == "source-data" and finding.get("attribute")
    }
    if not links or len(links) != len(steps) or (any(step.mark == FAIL for step in steps) and not failed):
        return [step for step in steps if step.mark == FAIL] or [_one(steps)]
    by_attribute: dict[str, list[tuple[Mapping[str, Any], Step]]] = {}
    for link, step in zip(links, steps, strict=True):
        by_attribute.setdefault(str(link.get("attribute")), []).append((link, step))
    found = []
    for attribute, pairs in by_attribute.items():
        if attribute in failed:
            modes = tuple(dict.fromkeys(mode for _, step in pairs for mode in step.modes))
            found.append(_step(pairs, FAIL, f"{safe_text(attribute)}: {_readings(pairs)}", modes))
    others = {name: pairs for name, pairs in by_attribute.items() if name not in failed}
    if others:
        words = ", ".join(
            f"{safe_text(name)} = {_value(pairs[0][0] if len(pairs) == 1 else _used(pairs))}"
            for name, pairs in list(others.items())[: TOLD + 2]
        )
        more = len(others) - TOLD - 2
        mark = NEUTRAL if failed else steps[0].mark
        told = f"{words} and {plural(more, 'more attribute')}" if more > 0 else words
        found.append(_step([pair for pairs in others.values() for pair in pairs], mark, told))
    return found


def _step(
    pairs: list[tuple[Mapping[str, Any], Step]], mark: str, what: str, modes: tuple[str, ...] = ()
) -> Step:
    steps = [step for _, step in pairs]
    at = min((step.at for step in steps if step.at), default=None) if mark == NONE else None
    return Step("source-data", steps[0].label, mark, at, what, None, _evidence(steps), modes)


def _used(pairs: list[tuple[Mapping[str, Any], Step]]) -> Mapping[str, Any]:
    """The reading on which the decision rested: what was logged, else what was known then."""
    order = {"logged": 0, "known-then": 1}
    return min((link for link, _ in pairs), key=lambda link: order.get(str(link.get("reading")), 2))


def _readings(pairs: list[tuple[Mapping[str, Any], Step]]) -> str:
    """What the decision used, what each system held then, and what it says now."""
    words = {"logged": "the decision used", "known-then": "held", "known-now": "now says"}
    told = []
    for reading, verb in words.items():
        for link in (link for link, _ in pairs if link.get("reading") == reading):
            said = f"{verb} {_value(link)}"
            if reading != "logged":
                said = f"{safe_text(link.get('system'))} {said}" + (
                    " then" if reading == "known-then" else ""
                )
            if reading == "known-now" and link.get("recorded_at"):
                said += f", entered {clock(link['recorded_at'])}"
            told.append(said)
    return "; ".join(told)


def _value(link: Mapping[str, Any]) -> str:
    return safe_text(link.get("value"), 60) or "(none)"


def _evidence(steps: Iterable[Step]) -> tuple[Mapping[str, Any], ...]:
    found = {(item.get("file"), item.get("ordinal")): item for step in steps for item in step.evidence}
    return tuple(found[key] for key in sorted(found, key=str))
