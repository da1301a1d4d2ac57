"""From a file of a repository to what it says of who holds what: which files are registers, and in which form.

A declaration lists its registers under `options.registers`, the first whose `files` match a path counts:
`files` (globs; `**/` any folders, `{name}` or `{name:one|other}` a part that templates know), `format` (yaml, json, terraform, codeowners,
names), `system`, `entitlement` (template of `{group}` and the parts), `top` (what a list outside all groups is about),
`absent_groups` (groups whose members are there no more). `not_files` are never registers.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, ClassVar

import yaml

from tracer.limits import Limit
from tracer.sources.characters import loads
from tracer.sources.characters import text as visible
from tracer.sources.git import hcl, yaml_documents
from tracer.sources.git.documents import Place, Reader
from tracer.sources.git.state import Holding, State, Text
from tracer.sources.terraform import TYPES, bindings

LARGEST = Limit(
    8 << 20,
    "bytes",
    bounds="a register file of a repository, or a file of Terraform",
    why="larger ones are data of another kind: fifty thousand accounts take a half of it",
    beyond="the file's commit, or the file, is a reject that says so",
)

GLOB = re.compile(r"\*\*/|\*\*|\*|\?|\{(\w+)(?::([\w|-]+))?\}|[^*?{]+|\{")


@dataclass(frozen=True)
class Register:
    """One kind of register file."""

    files: tuple[str, ...]
    format: str = "yaml"
    system: Text = None
    entitlement: str = "{group}"
    top: Text = None
    absent_groups: tuple[str, ...] = ("absent",)

    def match(self, path: str) -> dict[str, str] | None:
        """The parts of the path that templates know, or None where this is no such file."""
        for pattern in self.files:
            found = _pattern(pattern).fullmatch(path)
            if found:
                return found.groupdict()
        return None


class Registers:
    """All kinds of register files of a declaration, with what was read of each version of a file."""

    def __init__(self, options: dict[str, Any], project: str) -> None:
        self.registers = [_register(one) for one in options.get("registers", ())]
        self.no = [_pattern(pattern) for pattern in options.get("not_files", ())]
        self.project = project
        self._read = lru_cache(maxsize=4096)(self._state)

    def wanted(self, path: str) -> bool:
        """Whether a path is that of a register."""
        return self._kind(path) is not None

    def state(self, path: str, data: bytes) -> State:
        """What a version of a file says. Raises ValueError where it cannot be read."""
        return self._read(path, data)

    def _kind(self, path: str) -> tuple[Register, dict[str, str]] | None:
        if any(pattern.fullmatch(path) for pattern in self.no):
            return None
        for register in self.registers:
            parts = register.match(path)
            if parts is not None:
                return register, parts
        return None

    def _state(self, path: str, data: bytes) -> State:
        kind = self._kind(path)
        if kind is None:
            return State()
        register, parts = kind
        if len(data) > LARGEST:
            raise ValueError(f"{path} is too large for a register")
        place = Place(
            system=_filled(register.system, parts) or self.project,
            group=None,
            template=_filled(register.entitlement, parts) or "{group}",
            top=_filled(register.top, parts) or _stem(path),
            named=register.top is None,
        )
        try:
            return FORMATS[register.format](visible(data), place, register, parts)
        except (ValueError, yaml.YAMLError, RecursionError) as error:
            raise ValueError(
                f"{path} cannot be read as {register.format} ({' '.join(str(error).split())[:160]})"
            ) from error


def _register(said: dict[str, Any]) -> Register:
    fixed: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in said.items()
    }
    return Register(**fixed)


def _stem(path: str) -> str:
    """What a file is about: its folder where it only says who owns that, else its own name."""
    folder, _, name = path.rpartition("/")
    if name == "OWNERS":
        return folder or "/"
    return path.rpartition("/")[2].partition(".")[0] or path


def _filled(template: Text, parts: dict[str, str]) -> Text:
    if template is None:
        return None
    for name, value in parts.items():
        template = template.replace("{" + name + "}", value)
    return template


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    made = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = [
        f"(?P<{match[1]}>{match[2] or '[^/]+'})" if match[1] else made.get(match[0]) or re.escape(match[0])
        for match in GLOB.finditer(glob)
    ]
    return re.compile("".join(parts))


class _Texts(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which every plain value is its text: `007` and `no` are names like any other."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        mark: [one for one in listed if one[0] == "tag:yaml.org,2002:merge"]
        for mark, listed in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _other_tag(loader: Any, suffix: str, node: yaml.Node) -> Any:
    """What an application's own tag stands before, without its meaning."""
    del suffix
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_Texts.add_multi_constructor("!", _other_tag)


def _yaml(text: str, place: Place, register: Register, parts: dict[str, str]) -> State:
    del parts
    reader = Reader(register.absent_groups)
    for document in yaml_documents.read(text, _Texts):
        reader.read(document, place)
    return reader.state


def _json(text: str, place: Place, register: Register, parts: dict[str, str]) -> State:
    del parts
    return Reader(register.absent_groups).read(loads(text), place)


def _terraform(text: str, place: Place, register: Register, parts: dict[str, str]) -> State:
    del parts
    body = hcl.read(text)
    resources = body.get("resource", {})
    return terraform(body, resources if isinstance(resources, dict) else {}, place, register.absent_groups)


def terraform(
    body: dict[str, Any], resources: dict[str, Any], place: Place, absent_groups: tuple[str, ...] = ()
) -> State:
    """Resources by what their types mean; modules and locals by the words they use.

    `resources` are those that references of the body may name. Raises ValueError where it is too large to be a register.
    """
    body = dict(body)
    state = State()
    own = body.pop("resource", {})
    for kind, named in own.items() if isinstance(own, dict) else ():
        for label, values in named.items() if kind in TYPES and isinstance(named, dict) else ():
            for one in values if isinstance(values, list) else [values]:
                for bound in bindings(kind, _resolved(one, resources)):
                    if bound.subject is not None and bound.entitlement is not None:
                        state.hold(
                            Holding(
                                bound.system, bound.subject, bound.entitlement, bound.kind, bound.subject_kind, bound.scope,
                                bound.expires_at, reason=f"{kind}.{label}",
                            )
                        )  # fmt: skip
    for block in ("provider", "terraform", "output", "data", "variable"):
        body.pop(block, None)
    modules = body.pop("module", {})
    for label, values in modules.items() if isinstance(modules, dict) else ():
        for one in values if isinstance(values, list) else [values]:
            _module(str(label), one, place, absent_groups, state)
    state.add(Reader(absent_groups).read(body, place))
    return state


def _module(label: str, values: Any, place: Place, absent_groups: tuple[str, ...], state: State) -> None:
    """A module's arguments: what it is about is its `repository`, `team` or the like, else its label."""
    if not isinstance(values, dict):
        return
    about = next(
        (str(values[name]) for name in ("repository", "repo", "team", "group", "role", "project", "account") if isinstance(values.get(name), str)),
        label,
    )  # fmt: skip
    github = "repository" in values or any("github" in str(key) for one in _lists(values) for key in one)
    here = Place("github" if github else place.system, about, place.template, place.top)
    read = Reader(absent_groups).read({k: v for k, v in values.items() if k != "source"}, here)
    # A module's other arguments are no rule of who may do what.
    read.groups.clear()
    state.add(read)


def _lists(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        one for value in values.values() if isinstance(value, list) for one in value if isinstance(one, dict)
    ]


REFERENCE = re.compile(r"(?:\$\{)?(\w+)\.(\w+)(?:\[[^\]]*\])?\.(\w+)\}?")


def _resolved(values: Any, resources: dict[str, Any]) -> Any:
    """Attribute values with references to resources of the same file followed; what remains open stays its text."""
    if isinstance(values, dict):
        return {key: _resolved(value, resources) for key, value in values.items()}
    if isinstance(values, list):
        return [_resolved(one, resources) for one in values]
    match = REFERENCE.fullmatch(values) if isinstance(values, hcl.Expression) else None
    if match:
        target = resources.get(match[1])
        target = target.get(match[2]) if isinstance(target, dict) else None
        for name in (match[3], "name", "user_name", "username", "slug"):
            found = target.get(name) if isinstance(target, dict) else None
            if isinstance(found, str) and not isinstance(found, hcl.Expression):
                return found
    return str(values) if isinstance(values, hcl.Expression) else values


def _codeowners(text: str, place: Place, register: Register, parts: dict[str, str]) -> State:
    """https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners"""
    del register, parts
    state = State()
    for line in text.splitlines():
        words = re.sub(r"(^|\s)#.*$", "", line).split()
        if len(words) < 2 or words[0].startswith(("[", "^[")):
            continue
        for owner in words[1:]:
            if "@" in owner:
                team = owner.startswith("@") and "/" in owner
                state.hold(
                    Holding(
                        place.system, owner.removeprefix("@"), f"codeowner:{words[0]}", "code-owner",
                        "group" if team else None,
                    )
                )  # fmt: skip
    return state


def _names(text: str, place: Place, register: Register, parts: dict[str, str]) -> State:
    """A file per account: its name is the account, its folder the group."""
    del text, register
    state = State()
    if parts.get("account"):
        state.hold(Holding(place.system, parts["account"], parts.get("group") or place.template, "group"))
    return state


FORMATS = {"yaml": _yaml, "json": _json, "terraform": _terraform, "codeowners": _codeowners, "names": _names}
