"""Spans of time as pairs of UTC text, first and last instant included: joined, with gaps taken out, and what they leave open."""

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


def holes(spans: list[Span], since: str, until: str) -> list[Span]:
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
