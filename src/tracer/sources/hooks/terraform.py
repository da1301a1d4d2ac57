"""Terraform plans and state: which resources bind somebody to something.

https://developer.hashicorp.com/terraform/internals/json-format. A plan asks for changes and is no delivery: it may never
be applied. A state says what was held when it was written, which it does not say itself: `as_of` beside it does.
"""

from collections.abc import Iterator
from typing import Any

from tracer.sources.paths import text_of
from tracer.sources.terraform import Binding, bindings

Part = dict[str, Any]


def prepare(record: Part) -> list[Part]:
    """The bindings that a plan adds and takes, or that a state shows."""
    at = next(
        (
            text
            for name in ("as_of", "timestamp", "created_at", "created-at")
            if (text := text_of(record.get(name)))
        ),
        None,
    )
    base: Part = {"at": at, "terraform_version": text_of(record.get("terraform_version"))}
    changes = record.get("resource_changes")
    if isinstance(changes, list):
        return [{**base, "asked": list(_asked(changes))}]
    return [{**base, "held": [_said(one, address) for address, one in _state(record)]}]


def _asked(changes: list[Any]) -> Iterator[Part]:
    """What is added and taken; a replacement takes and gives, and only what differs counts."""
    for one in changes:
        change = one.get("change") if isinstance(one, dict) else None
        if not isinstance(change, dict):
            continue
        actions = change.get("actions")
        listed = [str(action) for action in actions] if isinstance(actions, list) else []
        kind, address = str(one.get("type")), text_of(one.get("address")) or ""
        before = list(bindings(kind, change.get("before"))) if {"delete", "update"} & set(listed) else []
        after = list(bindings(kind, change.get("after"))) if {"create", "update"} & set(listed) else []
        for bound in before:
            if bound not in after:
                yield {**_said(bound, address), "asks": "remove"}
        for bound in after:
            if bound not in before:
                yield {**_said(bound, address), "asks": None}


def _state(record: Part) -> Iterator[tuple[str, Binding]]:
    """Every binding of a state, as `terraform show -json` prints it or as it is stored."""
    values = record.get("values")
    if isinstance(values, dict):
        yield from _module(values.get("root_module"), 0)
    stored = record.get("resources")
    for one in stored if isinstance(stored, list) else []:
        instances = one.get("instances") if isinstance(one, dict) and one.get("mode") != "data" else None
        for instance in instances if isinstance(instances, list) else []:
            attributes = instance.get("attributes") if isinstance(instance, dict) else None
            for bound in bindings(str(one.get("type")), attributes):
                yield f"{one.get('type')}.{one.get('name')}", bound


def _module(module: Any, depth: int) -> Iterator[tuple[str, Binding]]:
    if not isinstance(module, dict) or depth > 50:
        return
    resources, children = module.get("resources"), module.get("child_modules")
    for one in resources if isinstance(resources, list) else []:
        if isinstance(one, dict) and one.get("mode") != "data":
            for bound in bindings(str(one.get("type")), one.get("values")):
                yield text_of(one.get("address")) or "", bound
    for child in children if isinstance(children, list) else []:
        yield from _module(child, depth + 1)


def _said(bound: Binding, address: str) -> Part:
    return {
        "system": bound.system, "account": bound.subject, "account_kind": bound.subject_kind, "entitlement": bound.entitlement,
        "kind": bound.kind, "scope": bound.scope, "expires_at": bound.expires_at, "address": address,
    }  # fmt: skip
