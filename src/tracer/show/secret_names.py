"""Secrets that are known by the name before them: `password=`, `"secretAccessKey": `, `Cookie:`, `PASSWORD '…'`.

A name alone proves nothing: `"token": "7f3c…"` is a secret, `"token": "deploy-token"` is what somebody called one. Words that
people choose as secrets are always masked; of what machines make only what looks made.
"""

import re

WORDS = (
    r"pass(?:word|wd|phrase|code|wort)s?(?:[-_]?v?\d{1,2})?|pwd|kennwort|(?<=[_-])pass|(?<![A-Za-z0-9])pw|"
    r"(?:client|shared|app|consumer|webhook)[-_ ]?secret|secret[-_ ]?(?:string|binary)"
)
"""Names whose value is a secret, whatever it looks like: people choose it."""

KEYS = (
    r"(?:secret[-_ ]?)?access[-_ ]?key|secret[-_ ]?key|api[-_ ]?(?:key|secret|token)|"
    r"(?:access|refresh|id|session|security|auth|authentication|bearer|private|oauth|personal[-_ ]?access)[-_ ]?token|"
    r"(?:private|account|shared[-_ ]?access|client)[-_ ]?key(?:[-_ ]?data)?|shared[-_ ]?access[-_ ]?signature|"
    r"x-(?:amz|goog)-(?:signature|security-token)|user[-_ ]?data|saml[-_ ]?(?:response|assertion)|"
    r"(?:pre[-_ ]?shared|hmac)[-_ ]?key|psk|(?:recovery|backup)[-_ ]?codes|(?:totp|otp|mfa|string|qr)[-_ ]?seed"
)
"""Names whose value is a secret where a machine made it; a word is what somebody called the key."""

WEAK = r"tokens?|secrets?|credentials?|authorization|(?:set-)?cookies?|signature|sig|encryption[-_ ]?key"
"""Names whose value may be a secret or may name one: masked where it looks like one."""

PAIR = r"\\{0,7}\"\s{0,4},\s{0,4}\\{0,7}\"\w{0,20}value\\{0,7}\"\s{0,4}:\s{0,4}"
NAME = re.compile(
    rf"(?P<name>{WORDS}|{KEYS}|{WEAK})"
    r"(?P<after>"
    r"(?P<quote>\\{0,7}[\"'])?[ \t]{0,4}(?:=>|:=|:|=(?!=))[ \t\r\n]{0,4}"  # name=, "name": 'name' =>
    r"|%3[aAdD]"  # the same in a URL
    rf"|{PAIR}"  # "name": "password", "value":
    r"|\"?>"  # <password>, <Data Name="Password">
    r"|(?:\s|\\{1,7}[nrt]){1,4}(?:[ebn]|u&)?(?=')"  # PASSWORD '…' in SQL, on one line or two
    r"|[ \t](?=[^\s-])"  # --password …
    r")",
    re.IGNORECASE,
)
"""A name that secrets have, with what leads to its value."""

AGAIN = re.compile(r"\\{0,7}[\"']\s{0,4},\s{0,4}(?=\\{0,7}[\"'])")
AGAIN_PAIR = re.compile(PAIR, re.IGNORECASE)
"""What leads from one value to the next: in a list, and from the old one to the new one."""

LOOKED_AT = 256
"""Characters of a value without quotes, or of a name, by which it is told whether it is a secret."""

_WORD, _KEY = re.compile(rf"{WORDS}|pass\Z", re.IGNORECASE), re.compile(KEYS, re.IGNORECASE)
_ENDS = re.compile(rf"(?:{WORDS}|{KEYS}|{WEAK})\Z", re.IGNORECASE)
_BEFORE = re.compile(r"[\w.-]{0,40}\Z")
_NO_SECRET = re.compile(
    r"(?:next|page|request|continuation|pagination|idempotency|sync|list|scroll|cursor|marker|csrf|xsrf|invitation|"
    r"hash|hashed|masked|public)[-_ ]?\Z",
    re.IGNORECASE,
)
"""What before `token` or `key` tells that it is none of those that open a door."""

_SAID = {
    *("", "-", "true", "false", "null", "none", "nil", "yes", "no", "undefined", "n/a"),
    *("changed", "reset", "expired", "required"),
}
"""Values that say something about a secret and are none."""

HIDDEN = re.compile(
    r"••••|[*•xX#.]{3,}\Z|\(?masked\b|[<\[(]?(?:redacted|hidden|removed|omitted|filtered|sanitized)\b|hidden_due_to|"
    r"\$\{|\{\{|<[\w -]+>\Z|(?:hmac-)?sha(?:1|256|384|512)[:$-]",
    re.IGNORECASE,
)
"""Values in whose place something already stands, or only a digest."""

_NAMING = re.compile(
    r"arn:[\w-]+:|(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA|ANVA|ABIA|ACCA)[A-Z0-9]{12,28}\Z|https?://[^:@]*\Z",
    re.IGNORECASE,
)
"""Values that name what they belong to, under whatever name they stand."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_SCHEME = re.compile(
    r"(?:bearer|basic|token|digest|negotiate|ntlm|ssws|apikey|aws4-hmac-sha256|hmac)[ =:]\S{6}", re.IGNORECASE
)
_MADE = re.compile(r"(?=[^\d]{0,255}\d)\S{6,}\Z")
"""What a machine made, or somebody who was told to use digits."""

_RANDOM = re.compile(r"[\w+/=.~-]{16,}\Z")
_KINDS = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))


def leads(text: str, match: re.Match[str]) -> bool:
    """Whether what follows a `NAME` is its value: a tag must have been opened, an option of a command begun."""
    after = match["after"]
    if after in (">", '">'):
        before = text[max(0, match.start() - 60) : match.start()].rpartition("<")
        return bool(before[1]) and ">" not in before[2]
    if after.strip() == "":
        return text[match.end() : match.end() + 1] == "'" or _before(text, match).startswith("--")
    return True


def is_secret_after(text: str, match: re.Match[str], value: str) -> bool:
    """Whether this value after a `NAME` in the text is a secret."""
    before = _before(text, match)
    if match["after"] == ":":
        # `credential:app-password:4`, `pam_unix(passwd:chauthtok)`: colons also join what is only a name.
        start = match.start() - len(before)
        if text[max(0, start - 1) : start] == ":" or not (_WORD.match(match["name"]) and _MADE.match(value)):
            return False
    return _is_secret(before, match["name"], value)


def is_secret(name: str, value: str) -> bool:
    """Whether a value under this whole name (a key of JSON) is a secret."""
    name = name[-LOOKED_AT:]
    found = _ENDS.search(name)
    return found is not None and _is_secret(name[: found.start()], found[0], value)


def _before(text: str, match: re.Match[str]) -> str:
    """The part of the name before what secrets are called: `next` of `nextToken`."""
    found = _BEFORE.search(text, max(0, match.start() - 40), match.start())
    return found[0] if found else ""


def _is_secret(before: str, name: str, value: str) -> bool:
    kept = value.strip()
    if kept.lower() in _SAID or HIDDEN.match(kept) or _NAMING.match(kept) or _NO_SECRET.search(before):
        return False
    if _WORD.match(name):
        # PWD is also the working folder, in every log of sudo.
        return not (name.lower() == "pwd" and kept.startswith(("/", "~")))
    return bool(_MADE.match(kept)) if _KEY.match(name) else _looks_random(name.lower(), kept)


def _looks_random(name: str, value: str) -> bool:
    """Whether a value under a name that may only name something is a secret: a scheme before it, or no word of any language."""
    if _SCHEME.match(value):
        return True
    if "cookie" in name and "=" in value:
        return True
    if not _RANDOM.match(value) or _UUID.match(value) or value.startswith("/"):
        return False
    kinds = sum(bool(kind.search(value)) for kind in _KINDS)
    return kinds == 3 or (len(value) >= 32 and kinds == 2 and not set("-./_") & set(value))
