"""The governance-defect report: what failed, who owned it, what it rests on; as HTML, Markdown or JSON.

All three are made from one `Report`, which is gathered from the case first, so that they say the same. Nothing in it
depends on the clock: the same case gives the same report.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from tracer import version
from tracer.errors import TracerError
from tracer.judgement.verdicts.owners import PERSONS
from tracer.questions.through import path
from tracer.show.blast import reach
from tracer.show.steps import PARTS, VERDICTS, Answer, Step, failings, place, steps_of
from tracer.show.tables import cost, percent, rate
from tracer.show.terminal import MARKS
from tracer.show.text import clock, markdown_text, period, plural, safe_text

IN_FULL = 100
"""Grants of one verdict that are told in full; the others are counted, with the command that shows them."""

PICTURES = 25
"""Grants with a picture: drawing takes a few hundredths of a second each."""

ROWS = 500
"""Rows of one table (defects, missing evidence, files)."""


@dataclass(frozen=True)
class Story:
    """One grant as the report tells it."""

    answer: Answer
    steps: list[Step]
    findings: list[dict[str, Any]]
    picture: str


@dataclass(frozen=True)
class Report:
    """All that a report says, independent of its format; `omitted` is what the caps left out, per section."""

    title: str
    counts: dict[str, int]
    stories: list[Story]
    weaknesses: list[Answer]
    undetermined: list[Answer]
    defects: list[dict[str, Any]]
    missing: list[dict[str, Any]]
    unchecked: list[str]
    files: list[dict[str, Any]]
    omitted: dict[str, int]
    single: bool = False


def gather(
    connection: sqlite3.Connection, title: str, *, since: str | None = None, pictures: bool = True
) -> Report:
    """The report of the whole case; `since` leaves out what became wrong before it."""
    from tracer.questions.blast import Radii
    from tracer.questions.defects import defects
    from tracer.questions.overview import books, grants_with, missing_evidence, verdict_counts
    from tracer.questions.why import grant_of

    omitted: dict[str, int] = {}

    def capped(name: str, items: list[Any], limit: int) -> list[Any]:
        if len(items) > limit:
            omitted[name] = len(items) - limit
        return items[:limit]

    radii = Radii(connection)
    told = {
        verdict: [
            grant_of(connection, grant, radii=radii)
            for grant in capped(verdict, grants_with(connection, verdict, since=since), IN_FULL)
        ]
        for verdict in ("wrong-access", "control-weakness", "undetermined")
    }
    stories = [
        _story(connection, answer, drawn=pictures and number < PICTURES)
        for number, answer in enumerate(told["wrong-access"])
    ]
    answers = [answer for group in told.values() for answer in group]
    failed = [row for row in defects(connection) if since is None or (row.get("last_at") or "") >= since]
    return Report(
        title=title,
        counts={verdict: verdict_counts(connection).get(verdict, 0) for verdict in VERDICTS},
        stories=stories,
        weaknesses=told["control-weakness"],
        undetermined=told["undetermined"],
        defects=capped("defects", failed, ROWS),
        missing=capped("missing", missing_evidence(connection), ROWS),
        unchecked=sorted({str(mode) for answer in answers for mode in answer.get("unchecked") or []}),
        files=capped("files", books(connection), ROWS),
        omitted=omitted,
    )


def gather_grant(connection: sqlite3.Connection, grant: str, title: str, *, pictures: bool = True) -> Report:
    """The report of one grant, whatever its verdict.

    Raises UsageError where there is no such grant.
    """
    from tracer.questions.overview import books
    from tracer.questions.why import grant_of

    answer = grant_of(connection, grant)
    story = _story(connection, answer, drawn=pictures)
    cited = {item.get("file") for item in _cited(story)}
    return Report(
        title=title,
        counts={str(answer.get("verdict")): 1},
        stories=[story],
        weaknesses=[],
        undetermined=[],
        defects=[],
        missing=[item | {"grants": 1} for item in answer.get("missing") or []],
        unchecked=sorted(str(mode) for mode in answer.get("unchecked") or []),
        files=[row for row in books(connection) if row["path"] in cited],
        omitted={},
        single=True,
    )


def _story(connection: sqlite3.Connection, answer: Answer, *, drawn: bool) -> Story:
    from tracer.questions.overview import points

    grant = str((answer.get("grant") or {}).get("id"))
    marks = points(connection, [grant])
    return Story(
        answer, steps_of(answer, marks.get(grant)), failings(answer), _picture(answer, marks) if drawn else ""
    )


def _picture(answer: Answer, marks: dict[str, dict[str, str]]) -> str:
    """The lineage as SVG; '' where nothing can draw it (the chain says the same in words)."""
    from tracer.show.picture import dot_of, svg_of

    try:
        return svg_of(dot_of([answer], marks))
    except TracerError:
        return ""


def _cited(story: Story) -> list[dict[str, Any]]:
    """Every piece of evidence that a grant's findings and links name, once, by file and ordinal."""
    found = {
        (str(item.get("file")), int(item.get("ordinal") or 0)): dict(item)
        for items in [*(f.get("evidence") or () for f in story.findings), *(s.evidence for s in story.steps)]
        for item in items
    }
    return [found[key] for key in sorted(found)]


def html(report: Report, *, link: Callable[[str, Any], str] | None = None) -> str:
    """The report as one HTML page that asks for nothing else; `link(kind, value)` gives addresses of rows, if any."""
    return str(
        _environment(markdown=False).get_template("report.html").render(report=report, link=link or _no_link)
    )


def markdown(report: Report) -> str:
    """The report as Markdown; all text from evidence is escaped."""
    return str(_environment(markdown=True).get_template("report.md").render(report=report)).strip() + "\n"


def as_json(report: Report) -> dict[str, Any]:
    """The report as data: counts, the answers in full, defects, what is missing, files and what was left out."""
    whole = asdict(report)
    whole["grants"] = [story["answer"] for story in whole.pop("stories")]
    return whole


def _no_link(_kind: str, _value: Any) -> str:
    return ""


@cache
def _environment(*, markdown: bool) -> Any:
    """Jinja with everything escaped that a template prints: as HTML, or by `markdown_text` for Markdown."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("tracer.show"),
        autoescape=not markdown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        finalize=markdown_text if markdown else _html_value,
    )
    environment.filters |= {
        "clock": clock,
        "period": period,
        "rate": rate,
        "percent": percent,
        "reach": reach,
        "cost": cost,
        "place": place,
        "svg": Markup,
    }
    environment.globals |= {
        "marks": MARKS,
        "verdicts": VERDICTS,
        "parts": PARTS,
        "plural": plural,
        "persons": set(PERSONS.values()),
        "cited": _cited,
        "owners_of": owners_of,
        "path": path,
        "version": version(),
    }
    return environment


def _html_value(value: Any) -> Any:
    """Text as `safe_text` shows it, to be escaped by Jinja; markup of ours (an SVG, a macro) as it is."""
    return value if hasattr(value, "__html__") else safe_text(value)


def owners_of(answers: Sequence[Answer]) -> list[tuple[str, int]]:
    """Who owned the roots of these grants, and how many each; most first."""
    count: dict[str, int] = {}
    for answer in answers:
        owner = str((answer.get("root") or {}).get("owner") or "nobody")
        count[owner] = count.get(owner, 0) + 1
    return sorted(count.items(), key=lambda pair: (-pair[1], pair[0]))
