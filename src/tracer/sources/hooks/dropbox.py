"""Dropbox: unions of the API (`{".tag": …}`) as plain values, and the person, group, folder and app that an event is about.

https://www.dropbox.com/developers/documentation/http/teams#team_log-get_events
"""

from typing import Any

from tracer.sources.paths import look_up, text_of

TAGS = (".tag", "_tag")


def prepare(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The event with `event`, `who`, `member`, `group`, `thing`, `app` and flat `details`."""
    found = dict(record)
    found["event"] = _tag(record.get("event_type"))
    actor = record.get("actor")
    found["who"] = _person(actor)
    details = record.get("details")
    found["details"] = (
        {key: _tag(value) for key, value in details.items()} if isinstance(details, dict) else {}
    )
    context = _person({"user": record.get("context")})
    named = [
        _person({"user": one}) for one in _list(record.get("participants")) for one in (_inner(one, "user"),)
    ]
    found["member"] = next((one for one in [*named, context] if one["email"]), context)
    found["group"] = next(
        (
            name
            for one in _list(record.get("participants"))
            if (name := text_of(look_up(_inner(one, "group"), "display_name")))
        ),
        None,
    )
    assets = [one for one in _list(record.get("assets")) if isinstance(one, dict)]
    found["thing"] = next(
        (text_of(a.get("display_name")) or text_of(look_up(a, "path.contextual")) for a in assets), None
    )
    found["app"] = text_of(look_up(details, "app_info.display_name")) or text_of(
        look_up(details, "app_info.app_id")
    )
    return [found]


def _tag(value: Any) -> Any:
    """The name of a union's case; other values as they are."""
    if isinstance(value, dict):
        return next((value[name] for name in TAGS if isinstance(value.get(name), str)), value)
    return value


def _inner(value: Any, name: str) -> Any:
    return value.get(name, value if _tag(value) == name else None) if isinstance(value, dict) else None


def _person(holder: Any) -> dict[str, str | None]:
    held: dict[str, Any] = holder if isinstance(holder, dict) else {}
    kinds = (held.get(name) for name in ("user", "admin", "app", "reseller"))
    user: dict[str, Any] = next((one for one in kinds if isinstance(one, dict)), {})
    return {
        "email": text_of(user.get("email")),
        "id": text_of(user.get("account_id")) or text_of(user.get("app_id")),
    }


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
