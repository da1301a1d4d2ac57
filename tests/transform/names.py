"""Other names for everything: a map that keeps lengths, order, prefixes (so globs too) and what belongs together.

Names are taken from the evidence (the fields below), cut into words of letters and digits, and each word gets
another of the same length. The map follows a trie of the words: letters become letters and digits digits, in the
same order at every fork, so sorted names stay sorted and `prod-*` still matches what it matched.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from string import ascii_lowercase, digits
from typing import Any

from tests.transform.documents import Document, Record, parse, render

WORD = re.compile(r"[A-Za-z0-9]+")
EMAIL = re.compile(r"[\w.+-]+(?=@[\w-]+(?:\.[\w-]+)*\.example\b)")
CUSTOM_FIELD = re.compile(r"customfield_\d+")
TICKET = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2,6}-\d+(?![A-Za-z0-9])|\bRITM\d{7}\b")
ARN_NAME = re.compile(r"arn:aws:(?:iam|sts)::\d*:[\w-]+/(?:[\w/-]*/)?([\w.@*+-]+)")
OPAQUE = re.compile(
    r"\b(AKIA|ASIA|AIDA|AROA)([A-Z0-9]{12,})\b|\b()([0-9a-f]{32}|[0-9a-f]{24}|[0-9a-f]{22})\b"
)
AWS_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
NAME_KEYS = frozenset(
    [
        "id",
        "identity",
        "owner",
        "system",
        "account",
        "entitlement",
        "executor",
        "on_behalf_of",
        "rule",
        "ticket",
        "exception",
        "worker_id",
        "email",
        "reviewer",
        "approver",
        "delegated_by",
        "provisioners",
        "authoritative",
        "copies",
        "user",
        "team",
        "userName",
        "roleName",
        "groupName",
        "recorded_by",
        "approved_by",
        "cleanup_owner",
        "campaign",
        "responder",
        "purpose_owner",
        "known_to",
        "name",
        "number",
        "u_target_system",
        "u_entitlement",
        "actor",
        "shared_with",
        "control",
    ]
)
KEPT = frozenset(
    # what formats and the model give a meaning of its own
    [
        "aws",
        "okta",
        "github",
        "jira",
        "servicenow",
        "slack",
        "active",
        "left",
        "terminated",
        "leaver",
        "fte",
        "contractor",
        "vendor",
        "external",
        "employee",
        "intern",
        "human",
        "group",
        "root",
        "user",
        "role",
        "policy",
        "keep",
        "remove",
        "grant",
        "revoke",
        "approve",
        "deny",
        "use",
        "verify",
        "review",
        "create",
        "delete",
        "approved",
        "declined",
        "denied",
        "done",
        "system",
        "credential",
        "app",
        "repository",
        "admin",
        "editor",
        "write",
        "read",
        "maintain",
        "member",
        "none",
        "null",
        "true",
        "false",
        "high",
        "medium",
        "low",
        "access",
        "open",
        "closed",
        "cancelled",
        "example",
        "attribute",
        "correlation",
        "department",
        "employment_type",
        "status",
        "email",
        "worker_id",
        "email",
        "title",
        "manager",
    ]
)
RENAMED_NAME_FIELDS = frozenset({"accounts"})
"""Lists whose elements' `name` is a name; elsewhere (Jira) `name` is a label."""


def _strings(value: Any, key: str, parent: str = "") -> Iterator[str]:
    if key == "tickets":
        return  # which field holds what: names of a format, not of the story
    if isinstance(value, dict):
        for inner, content in value.items():
            yield from _strings(content, str(inner), key)
    elif isinstance(value, list):
        for content in value:
            yield from _strings(content, key, parent)
    elif isinstance(value, str) and key in NAME_KEYS and (key != "name" or parent in RENAMED_NAME_FIELDS):
        yield value


def _names(values: Iterable[str]) -> Iterator[str]:
    """The parts of a value that are names: not the ARN around it, not its domain, not the organisation's path."""
    for value in values:
        if value.startswith("arn:"):
            yield from ARN_NAME.findall(value)
        elif "@" in value:
            yield value.split("@", 1)[0]
        elif ":" not in value and " " not in value:
            yield from value.split("/")


def _trees(documents: Iterable[Document]) -> Iterator[Any]:
    for document in documents:
        yield document.frame if document.format == "yaml" else document.records


class Renaming:
    """One map for a case; `text` and `document` apply it, `inverse` undoes it."""

    def __init__(self, documents: list[Document], expected: Record, seed: int = 0) -> None:
        found: set[str] = set()
        for tree in _trees(documents):
            found.update(_names(_strings(tree, "")))
            everything = str(tree)
            found.update(EMAIL.findall(everything), TICKET.findall(everything), ARN_NAME.findall(everything))
        found.update(_names(_strings(expected, "")))
        names = {name for name in found if WORD.search(name) and not self._kept(name)}
        for person in [name for name in names if re.fullmatch(r"[a-z]+\.[a-z]+", name)]:
            names.update({person.replace(".", " "), person.split(".")[1] + ", " + person.split(".")[0]})
        self.names = names
        words = {word.casefold() for name in names for word in WORD.findall(name)} - KEPT
        self.words = _renamed(words, seed)
        while set(self.words.values()) & (KEPT | words):
            seed += 1
            self.words = _renamed(words, seed)
        self._pattern = _pattern(names)
        shuffled = sorted(digits, key=lambda digit: random.Random(f"{seed}{digit}").random())
        self._digits = str.maketrans(digits, "".join(shuffled))

    @staticmethod
    def _kept(name: str) -> bool:
        return name.casefold() in KEPT or CUSTOM_FIELD.fullmatch(name) is not None or name.isdigit()

    def inverse(self) -> "Renaming":
        """The map that undoes this one."""
        other = object.__new__(Renaming)
        other.names = {self._word_by_word(name) for name in self.names}
        other.words = {new: old for old, new in self.words.items()}
        other._pattern = _pattern(other.names)
        other._digits = {new: old for old, new in self._digits.items()}
        return other

    def _word_by_word(self, text: str) -> str:
        def renamed(match: re.Match[str]) -> str:
            word = match.group()
            new = self.words.get(word.casefold(), word)
            return "".join(n.upper() if o.isupper() else n for o, n in zip(word, new, strict=True))

        return WORD.sub(renamed, text)

    def text(self, text: str) -> str:
        """A value with the names in it renamed; ids without words (keys, hexadecimal) get other digits."""
        text = self._pattern.sub(lambda match: self._word_by_word(match.group()), text)
        text = AWS_ACCOUNT.sub(lambda match: match.group().translate(self._digits), text)
        text = CUSTOM_FIELD.sub(lambda match: match.group().translate(self._digits), text)
        return OPAQUE.sub(
            lambda m: (m[1] + m[2].translate(self._digits)) if m[1] else m[4].translate(self._digits), text
        )

    def value(self, value: Any, key: str = "") -> Any:
        """A tree of values renamed; keys stay, save custom fields."""
        if isinstance(value, dict):
            return {
                (self.text(inner) if CUSTOM_FIELD.fullmatch(str(inner)) else inner): self.value(content)
                for inner, content in value.items()
            }
        if isinstance(value, list):
            return [self.value(content) for content in value]
        return self.text(value) if isinstance(value, str) else value

    def file(self, text: str, name: str) -> str:
        """The text of a file renamed."""
        document = parse(text, name)
        document.records = self.value(document.records)
        if document.format == "yaml":
            document.frame = self.value(document.frame)
        return render(document)


def _pattern(names: set[str]) -> re.Pattern[str]:
    edge = "A-Za-z0-9"
    parts = [
        (f"(?<![{edge}])" if name[0].isalnum() else "")
        + re.escape(name)
        + (f"(?![{edge}])" if name[-1].isalnum() else "")
        for name in sorted(names, key=lambda name: (-len(name), name))
    ]
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


def _renamed(words: set[str], seed: int) -> dict[str, str]:
    """New words of the same length, in the same order, with the same common beginnings."""
    forks: dict[str, set[str]] = defaultdict(set)
    for word in words:
        for end in range(len(word)):
            forks[word[:end]].add(word[end])
    chosen: dict[str, dict[str, str]] = {}
    for prefix, letters in forks.items():
        chance = random.Random(f"{seed}:{prefix}")
        chosen[prefix] = {}
        for alphabet in (ascii_lowercase, digits):
            old = sorted(letter for letter in letters if letter in alphabet)
            chosen[prefix] |= dict(zip(old, sorted(chance.sample(alphabet, len(old))), strict=True))
    return {word: "".join(chosen[word[:end]][word[end]] for end in range(len(word))) for word in words}
