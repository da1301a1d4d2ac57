"""Secrets in evidence, masked when it is shown: passwords, keys, tokens, cookies, in whatever text they stand.

The case file keeps every record exactly as it was handed in; only what is shown is masked. A secret is known by the name
before it or by its own shape (`secret_names`, `secret_shapes`). What only names something stays: access key ids, ARNs,
addresses, UUIDs, hashes, ids of tickets and events. Time is linear in the length of the text.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from tracer.show.hints import DOTS, hint
from tracer.show.secret_shapes import SHAPES, shape

CACHED = 200
"""Longest text (characters) whose masked form is kept: names that stand in every row."""

TRIGGERS = (
    *("pass", "pw", "secret", "token", "key", "credential", "authorization", "cookie", "sig", "kennwort"),
    *("saml", "psk", "codes", "seed", "userdata", "user_data", "user-data"),
)
"""In text without any of these, in lower case, no name of a secret stands."""

_shown: ContextVar[bool] = ContextVar("tracer_secrets_shown", default=False)

BASIC = re.compile(r"\bbasic[ ]{1,4}([A-Za-z0-9+/]{6,4000}={0,2})", re.IGNORECASE)


@contextmanager
def secrets_shown(shown: bool = True) -> Iterator[None]:
    """Within it nothing is masked (`--show-secrets`); holds for this thread or task only."""
    token = _shown.set(shown)
    try:
        yield
    finally:
        _shown.reset(token)


def masked(text: str) -> str:
    """The text with every secret in it replaced by how long it was; the same text where there is none."""
    if _shown.get():
        return text
    return _masked_short(text) if len(text) <= CACHED else _masked(text)


def masked_value(value: Any, name: str = "") -> Any:
    """JSON-like data with every text in it masked, and values under the name of a secret; other types as they are."""
    if _shown.get():
        return value
    if isinstance(value, Mapping):
        return {_text(key): masked_value(one, str(key)) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [masked_value(one, name) for one in value]
    if isinstance(value, str):
        return hint(value) if _under_secret(name, value) else masked(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return hint(str(value)) if number and _under_secret(name, str(value)) else value


def _under_secret(name: str, value: str) -> bool:
    if not _named(name):
        return False
    from tracer.show.secret_names import is_secret

    return is_secret(name, value)


def _named(text: str) -> bool:
    lower = text.lower()
    return any(trigger in lower for trigger in TRIGGERS)


def _text(key: Any) -> Any:
    return masked(key) if isinstance(key, str) else key


@lru_cache(maxsize=8192)
def _masked_short(text: str) -> str:
    return _masked(text)


def _masked(text: str) -> str:
    lower = text.lower()
    if _named(lower):
        # Only here: most texts hold nothing of it, and its patterns take long to load.
        from tracer.show.secret_values import mask_named, mask_secret_objects

        text = mask_named(mask_secret_objects(text))
    if "basic " in lower:
        text = BASIC.sub(_basic, text)
    for trigger, pattern in SHAPES:
        if trigger in lower:
            text = shape(pattern).sub(_shaped, text)
    return text


def _shaped(match: re.Match[str]) -> str:
    """The group `secret` masked, what stands before and after it in the match kept."""
    start, end = match.start("secret") - match.start(), match.end("secret") - match.start()
    whole = match[0]
    return whole if DOTS in match["secret"] else f"{whole[:start]}{hint(match['secret'])}{whole[end:]}"


def _basic(match: re.Match[str]) -> str:
    """Basic authentication is `user:password` in base64; other words after `basic` are words."""
    try:
        plain = base64.b64decode(match[1] + "=" * (-len(match[1]) % 4), validate=True)
    except (binascii.Error, ValueError):
        return match[0]
    return match[0].replace(match[1], hint(match[1])) if b":" in plain else match[0]
