r"""Values inside a line of text: `key=value` in its dialects, LEEF (QRadar), CEF (ArcSight), and JSON."""

import re
from typing import Any

from tracer.sources.characters import loads

PAIR = re.compile(
    r"""(?:^|(?<=[\s,;|\[({]))([A-Za-z_@][\w.@:/-]*)=(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s,;|\])}]*))"""
)
CEF_KEY = re.compile(r"(?:^|(?<=\s))([\w.\[\]-]+)=")
UNESCAPED_BAR = re.compile(r"(?<!\\)\|")


def kv(text: str) -> dict[str, Any]:
    """Every `key=value`; of a key that stands twice the first counts."""
    found: dict[str, Any] = {}
    for key, double, single, bare in PAIR.findall(text):
        found.setdefault(key, _unescaped(double or single) or bare)
    return found


def leef(text: str) -> dict[str, Any]:
    """`LEEF:1.0|Vendor|Product|Version|EventID|` and tab-separated pairs; 2.0 names its own separator."""
    begin = text.find("LEEF:")
    if begin < 0:
        return {}
    parts = text[begin + 5 :].split("|")
    head = dict(zip(("version", "vendor", "product", "product_version", "event_id"), parts, strict=False))
    rest = parts[5:]
    mark = "\t"
    if head.get("version", "").startswith("2") and rest:
        mark, rest = _mark(rest[0]), rest[1:]
    body = "|".join(rest)
    if mark not in body and "\t" not in body:
        return {"leef": head, **kv(body)}
    pairs = (pair.partition("=") for pair in body.split(mark if mark in body else "\t"))
    return {"leef": head, **{key.strip(): value.strip() for key, is_pair, value in pairs if is_pair}}


def _mark(said: str) -> str:
    """A separator as LEEF 2.0 says it: itself, or its code as `0x09` or `x09`."""
    match = re.fullmatch(r"(?:0?x)([0-9A-Fa-f]{1,6})", said)
    return chr(int(match[1], 16)) if match and int(match[1], 16) < 0x110000 else said or "\t"


def cef(text: str) -> dict[str, Any]:
    r"""`CEF:0|Vendor|Product|Version|EventID|Name|Severity|` and pairs whose values may hold blanks."""
    begin = text.find("CEF:")
    if begin < 0:
        return {}
    parts = UNESCAPED_BAR.split(text[begin + 4 :], 7)
    names = ("version", "vendor", "product", "product_version", "event_id", "name", "severity")
    head = {name: _unescaped(part) for name, part in zip(names, parts, strict=False)}
    body = parts[7] if len(parts) > 7 else ""
    keys = [match for match in CEF_KEY.finditer(body) if body[match.start() - 1 : match.start()] != "\\"]
    ends = [*(match.start() for match in keys[1:]), len(body)][: len(keys)]
    found: dict[str, Any] = {"cef": head}
    for match, end in zip(keys, ends, strict=True):
        found.setdefault(match[1], _unescaped(body[match.end() : end].strip()))
    # What a custom field means is said by its label: cs1Label=Group cs1=admins.
    labels = {key: value for key, value in found.items() if key.endswith("Label") and isinstance(value, str)}
    for key, label in labels.items():
        if key[: -len("Label")] in found:
            found.setdefault(label, found[key[: -len("Label")]])
    return found


def json_object(text: str) -> dict[str, Any]:
    """The fields of text that is a JSON object, and the object as `json`."""
    if text.lstrip()[:1] != "{":
        return {}
    try:
        found = loads(text)
    except (ValueError, RecursionError):
        return {}
    return {**found, "json": found}


def _unescaped(text: str) -> str:
    return (
        re.sub(r"\\(.)", lambda match: {"n": "\n", "r": "\r", "t": "\t"}.get(match[1], match[1]), text)
        if "\\" in text
        else text
    )
