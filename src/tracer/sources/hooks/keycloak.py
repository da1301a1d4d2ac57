"""Keycloak: what an admin event is about, by the path of the resource and the representation, which is JSON in a string.

https://www.keycloak.org/docs-api/latest/rest-api/index.html#AdminEventRepresentation
"""

import re
from typing import Any

from tracer.sources.characters import loads
from tracer.sources.paths import text_of

PATHS = (
    (re.compile(r"^(?P<of>users|groups)/(?P<account>[^/]+)/role-mappings/realm$"), "roles"),
    (
        re.compile(r"^(?P<of>users|groups)/(?P<account>[^/]+)/role-mappings/clients/(?P<client>[^/]+)$"),
        "roles",
    ),
    (re.compile(r"^(?P<of>users)/(?P<account>[^/]+)/groups/(?P<group>[^/]+)$"), "member"),
    (re.compile(r"^(?P<of>users)/(?P<account>[^/]+)/reset-password(?:-email)?$"), "password"),
    (re.compile(r"^(?P<of>users)/(?P<account>[^/]+)/credentials/(?P<credential>[^/]+)$"), "credential"),
    (re.compile(r"^(?P<of>users)/(?P<account>[^/]+)/impersonation$"), "impersonation"),
    (re.compile(r"^(?P<of>users)/(?P<account>[^/]+)$"), "user"),
    (re.compile(r"^(?P<of>groups)/(?P<account>[^/]+)$"), "group"),
    (re.compile(r"^(?P<of>clients)/(?P<account>[^/]+)/client-secret$"), "secret"),
    (re.compile(r"^(?P<of>clients)/(?P<account>[^/]+)$"), "client"),
    (re.compile(r"^(?P<of>organizations)/(?P<group>[^/]+)/members/(?P<account>[^/]+)$"), "member"),
)
"""What a path is about."""


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The event with `about` (what its path is about), the ids in it, `said` (the representation) and `roles`."""
    path = (text_of(record.get("resourcePath")) or "").strip("/")
    said = _decoded(record.get("representation"))
    found = {**record, "about": None, "said": said if isinstance(said, dict) else {}}
    for pattern, about in PATHS:
        match = pattern.match(path)
        if match is not None:
            found |= {**match.groupdict(), "about": about}
            found["who"] = "group" if found["of"] == "groups" else None
            break
    roles = said if isinstance(said, list) else [said]
    found["roles"] = [one for one in roles if isinstance(one, dict) and text_of(one.get("name"))]
    return [found]


def _decoded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return loads(value)
    except (ValueError, RecursionError):
        return None
