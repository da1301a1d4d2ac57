"""Spans of time as pairs of UTC text, first and last instant included: joined, with gaps taken out, and what they leave open."""

from datetime import timedelta
from itertools import pairwise
from statistics import median

from tracer.case.times import parse_iso, plus

Span = tuple[str, str]


def joined(spans: list[Span]) -> list[Span]:
    """The same time as spans that do not touch, in order."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def settled(files: list[Span], late: timedelta) -> list[Span]:
    """The time that the files of one export cover for certain, as spans in order.

    Exports that reach back into the time of the one before do so for what was written late. Where the next one is
    missing, so is what it would have told of the end of this one, as far back as others of them reach. The last of
    all has no next one yet: what was written late, by as much as `late` elsewhere, is not told of its end either. And
    what one begins with, where the one before is missing, may be no more than what was late for that.
    """
    known = joined(files)
    if len(files) < 2:
        return known
    back = max(reach(files), late)
    firsts = [known[0][0], *(plus(first, late) for first, _ in known[1:])]
    lasts = [*(plus(last, -back) for _, last in known[:-1]), plus(known[-1][1], -late)]
    return [(first, last) for first, last in zip(firsts, lasts, strict=True) if first <= last]


def reach(files: list[Span]) -> timedelta:
    """How far an export reaches back into the time of the one before at most, but no further than half of one."""
    longest: dict[str, str] = {}
    for first, last in files:
        longest[first] = max(last, longest.get(first, last))
    outer: list[Span] = []
    for span in sorted(longest.items()):
        if not outer or span[1] > outer[-1][1]:
            outer.append(span)
    overlaps = [length((two[0], one[1])) for one, two in pairwise(outer) if two[0] < one[1]]
    half = median(length(span).total_seconds() for span in outer) / 2
    return min(max(overlaps, default=timedelta(0)), timedelta(seconds=half))


def length(span: Span) -> timedelta:
    """How long a span is."""
    return parse_iso(span[1]) - parse_iso(span[0])


def without(span: Span, gaps: list[Span]) -> list[Span]:
    """What is left of a span outside the gaps, which are in order."""
    left, since = [], span[0]
    for first, last in gaps:
        if since < last and first < span[1]:
            if since <= first:
                left.append((since, first))
            since = max(since, last)
    return [*left, (since, span[1])] if since <= span[1] else left


def gap(spans: list[Span], since: str, until: str) -> Span | None:
    """The first to the last instant of [since, until] that the joined `spans` leave open; None if they cover it."""
    for first, last in spans:
        if first <= since <= last:
            if until <= last:
                return None
            since = last
    later = [first for first, last in spans if first > since and last >= until and first <= until]
    return since, min(later, default=until)


def left_open(spans: list[Span], since: str, until: str) -> list[Span]:
    """All that the joined `spans` leave open of [since, until], in order."""
    found, at = [], since
    for first, last in spans:
        if last < at:
            continue
        if first > until:
            break
        if first > at:
            found.append((at, first))
        at = last
    return [*found, (at, until)] if at < until else found
