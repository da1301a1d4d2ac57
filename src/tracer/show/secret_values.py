"""Masks values that stand after the name of a secret in text: in quotes of any depth, bare, in lists, in old and new pairs."""

import re
from collections.abc import Iterator

from tracer.show.hints import hint
from tracer.show.secret_names import AGAIN, AGAIN_PAIR, HIDDEN, LOOKED_AT, NAME, is_secret_after, leads

QUOTE = re.compile(r"(?P<slashes>\\{0,7})(?P<mark>[\"'])")
BARE = re.compile(r"[^\s\"'&;,<>()\[\]{}|\\]++")
LINE = re.compile(r"[^\r\n\"\\]++")

SECRET_OBJECT = re.compile(r"\\{0,7}\"kind\\{0,7}\"\s{0,4}:\s{0,4}\\{0,7}\"Secret\\{0,7}\"")
SECRET_DATA = re.compile(r"\\{0,7}\"(?:data|stringData)\\{0,7}\"\s{0,4}:\s{0,4}\{")
MEMBER = re.compile(r"\s{0,40},?\s{0,40}\\{0,7}\"[^\"\\]{1,253}\\{0,7}\"\s{0,4}:\s{0,4}(?=\\{0,7}\")")


def mask_named(text: str) -> str:
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
    """Where the text in quotes ends: before as many backslashes as it began with; the end of all where it never does.

    Two single quotes are one in the text, as SQL writes it.
    """
    slashes, mark = len(quote["slashes"]), quote["mark"]
    at = quote.end()
    while (found := text.find(mark, at)) >= 0:
        if mark == "'" and found > quote.end() and text.startswith("''", found):
            at = found + 2
            continue
        run = found
        while run > at and text[run - 1] == "\\":
            run -= 1
        before = found - run
        if before <= slashes or (slashes == 0 and before % 2 == 0):
            return found - min(before, slashes)
        at = found + 1
    return len(text)


def mask_secret_objects(text: str) -> str:
    """The values of every `data` in text that holds a Kubernetes Secret: their names are whatever somebody chose."""
    if not SECRET_OBJECT.search(text):
        return text
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
