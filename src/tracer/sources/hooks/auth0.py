"""Auth0: the log itself (a stream wraps it in `data`), with the call of the management API that it tells of.

https://auth0.com/docs/api/management/v2
"""

from typing import Any

from tracer.sources.paths import look_up, text_of

APART = ("attack-protection", "guardian", "tenants")
"""Parts of the API whose first step stands before the collection."""


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The log with `call` (method and path, ids as `:id`) and `ids` (those ids in order)."""
    data = record.get("data")
    found = {**record, **data} if isinstance(data, dict) else dict(record)
    method = text_of(look_up(found, "details.request.method"))
    path = text_of(look_up(found, "details.request.path"))
    # Only these two types tell of a call of the management API; others may name the request that they came with.
    if method and path and text_of(found.get("type")) in ("sapi", "fapi"):
        steps = [step for step in path.split("?")[0].split("/") if step and step not in ("api", "v2")]
        lead = 1 if steps and steps[0] in APART else 0
        # Behind that, steps alternate between a collection and one of its members.
        member = [(place - lead) % 2 == 1 and place > lead for place in range(len(steps))]
        ids = [step for step, one in zip(steps, member, strict=True) if one]
        shape = ["/:id" if one else f"/{step}" for step, one in zip(steps, member, strict=True)]
        found["call"], found["ids"] = f"{method.lower()} {''.join(shape)}", ids
    return [found]
