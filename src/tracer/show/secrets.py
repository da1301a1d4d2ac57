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

from tracer.show.secret_names import (
    AGAIN,
    AGAIN_PAIR,
    HIDDEN,
    LOOKED_AT,
    NAME,
    TRIGGERS,
    is_secret,
    is_secret_after,
    leads,
)
from tracer.show.secret_shapes import SHAPES

DOTS = "••••"
"""With what a masked value begins; the text that follows says how long it was."""

CACHED = 200
"""Longest text (characters) whose masked form is kept: names that stand in every row."""

_shown: ContextVar[bool] = ContextVar("tracer_secrets_shown", default=False)

QUOTE = re.compile(r"(?P<slashes>\\{0,7})(?P<mark>[\"'])")
BARE = re.compile(r"[^\s\"'&;,<>()\[\]{}|\\]++")
LINE = re.compile(r"[^\r\n\"\\]++")

BASIC = re.compile(r"\bbasic[ ]{1,4}([A-Za-z0-9+/]{6,4000}={0,2})", re.IGNORECASE)

SECRET_OBJECT = re.compile(r"\\{0,7}\"kind\\{0,7}\"\s{0,4}:\s{0,4}\\{0,7}\"Secret\\{0,7}\"")
SECRET_DATA = re.compile(r"\\{0,7}\"(?:data|stringData)\\{0,7}\"\s{0,4}:\s{0,4}\{")
MEMBER = re.compile(r"\s{0,40},?\s{0,40}\\{0,7}\"[^\"\\]{1,253}\\{0,7}\"\s{0,4}:\s{0,4}(?=\\{0,7}\")")


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
        return hint(value) if name and is_secret(name, value) else masked(value)
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and name
        and is_secret(name, str(value))
    ):
        return hint(str(value))
    return value


def hint(secret: str) -> str:
    """What stands in the place of a secret."""
    return f"{DOTS} (masked, {len(secret)} character{'' if len(secret) == 1 else 's'})"


def _text(key: Any) -> Any:
    return masked(key) if isinstance(key, str) else key


@lru_cache(maxsize=8192)
def _masked_short(text: str) -> str:
    return _masked(text)


def _masked(text: str) -> str:
    lower = text.lower()
    if '"secret' in lower and "kind" in lower and SECRET_OBJECT.search(text):
        text = _secret_objects(text)
    if any(trigger in lower for trigger in TRIGGERS):
        text = _named(text)
    if "basic " in lower:
        text = BASIC.sub(_basic, text)
    for trigger, shape in SHAPES:
        if trigger in lower:
            text = shape.sub(_shaped, text)
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


def _named(text: str) -> str:
    """Values that stand after the name of a secret, masked; each value is passed once."""
    done: list[str] = []
    at = 0
    while (match := NAME.search(text, at)) is not None:
        done.append(text[at : match.end()])
        at = match.end()
        if not leads(text, match):
            continue
        for begin, closed in _values(text, match):
            value = _first_word(text, begin, match["name"]) if closed is None else text[begin:closed]
            if is_secret_after(text, match, value):
                end = _end_of_bare(text, begin, match["name"]) if closed is None else closed
                done += [text[at:begin], _quoted(match, text[begin:end], bare=closed is None)]
                at = end
    done.append(text[at:])
    return "".join(done)


def _quoted(match: re.Match[str], secret: str, *, bare: bool) -> str:
    """The hint; in quotes where a number stood in JSON, so that it stays JSON."""
    number = bare and match["quote"] and secret.replace(".", "", 1).isdecimal()
    return f'"{hint(secret)}"' if number else hint(secret)


def _values(text: str, match: re.Match[str]) -> Iterator[tuple[int, int | None]]:
    """Where the values begin and end (None: no quotes say where); several in a list, and an old one with its new one."""
    at = match.end()
    listed = text.startswith("[", at)
    at += listed
    while True:
        quote = QUOTE.match(text, at)
        if quote is None:
            yield at, None
            return
        end = _closing(text, quote)
        yield quote.end(), end
        after = (AGAIN if listed else AGAIN_PAIR).match(text, end)
        if after is None:
            return
        at = after.end()


def _first_word(text: str, begin: int, name: str) -> str:
    """As much of a value without quotes as tells whether it is a secret: text that only repeats a name is read once."""
    found = _bare(name).match(text, begin, begin + LOOKED_AT)
    return found[0] if found else ""


def _end_of_bare(text: str, begin: int, name: str) -> int:
    found = _bare(name).match(text, begin)
    return found.end() if found else begin


def _bare(name: str) -> re.Pattern[str]:
    """A value without quotes: what a header says is the whole line, else one word."""
    return LINE if name.lower().endswith(("cookie", "authorization")) else BARE


def _closing(text: str, quote: re.Match[str]) -> int:
    """Where the text in quotes ends: before as many backslashes as it began with; the end of all where it never does."""
    slashes, mark = len(quote["slashes"]), quote["mark"]
    at = quote.end()
    while (found := text.find(mark, at)) >= 0:
        run = found
        while run > at and text[run - 1] == "\\":
            run -= 1
        before = found - run
        if before <= slashes or (slashes == 0 and before % 2 == 0):
            return found - min(before, slashes)
        at = found + 1
    return len(text)


def _secret_objects(text: str) -> str:
    """The values of every `data` in text that holds a Kubernetes Secret: their names are whatever somebody chose."""
    done: list[str] = []
    at = 0
    while (data := SECRET_DATA.search(text, at)) is not None:
        done.append(text[at : data.end()])
        at = data.end()
        while (member := MEMBER.match(text, at)) is not None:
            quote = QUOTE.match(text, member.end())
            assert quote is not None
            end = _closing(text, quote)
            value = text[quote.end() : end]
            closing = text[end : end + len(quote[0])]
            done += [text[at : quote.end()], value if HIDDEN.match(value) else hint(value), closing]
            at = end + len(closing)
    done.append(text[at:])
    return "".join(done)
