"""What a change of a register gave and took, from what it said before and after."""

from collections.abc import Iterator
from dataclasses import dataclass

from tracer.sources.git.state import Account, Holding, State, Text


@dataclass(frozen=True)
class Change:
    """One act: a verb of the model, on an account, an entitlement or both."""

    verb: str
    system: Text
    subject: Text = None
    entitlement: Text = None
    kind: Text = None
    subject_kind: Text = None
    scope: Text = None
    expires_at: Text = None
    reason: Text = None
    ticket: Text = None
    requested_by: Text = None


def changes(before: State, after: State) -> list[Change]:
    """Every act between two states, in a fixed order: what ends comes first."""
    found = [*_accounts(before, after), *_holdings(before, after), *_groups(before, after)]
    order = {"disable": 0, "delete": 1, "revoke": 2, "create": 3, "enable": 4, "grant": 5}
    return sorted(
        found,
        key=lambda one: (order.get(one.verb, 9), one.system or "", one.subject or "", one.entitlement or ""),
    )


def _holdings(before: State, after: State) -> Iterator[Change]:
    for key in sorted(before.holdings.keys() | after.holdings.keys()):
        old, new = before.holdings.get(key), after.holdings.get(key)
        if old is None and new is not None:
            yield _held("grant", new)
        elif new is None and old is not None:
            yield _held("revoke", old)
        elif old and new and old.scope != new.scope:
            yield _held("revoke", old)
            yield _held("grant", new)
        elif old and new and old.expires_at != new.expires_at:
            yield _held("extend", new)


def _held(verb: str, one: Holding) -> Change:
    return Change(
        verb, one.system, one.account, one.entitlement, one.kind, one.account_kind, one.scope, one.expires_at, one.reason,
        one.ticket, one.requested_by,
    )  # fmt: skip


def _accounts(before: State, after: State) -> Iterator[Change]:
    for key in sorted(before.accounts.keys() | after.accounts.keys()):
        old, new = before.accounts.get(key), after.accounts.get(key)
        one = new or old
        if one is None:
            continue
        if not any(side is not None and side.listed for side in (old, new)):
            continue
        was, is_now = old is not None and not old.absent, new is not None and not new.absent
        if not was and is_now:
            yield Change("create" if old is None else "enable", one.system, one.name)
        elif old and new and is_now and new.stated and not old.stated:
            yield Change("enable", one.system, one.name)
        elif was and not is_now:
            yield Change("delete" if new is None else "disable", one.system, one.name)
        yield from _credentials(one, old, new)


def _credentials(one: Account, old: Account | None, new: Account | None) -> Iterator[Change]:
    """Keys that came and went; one that came as another went is a rotation as well."""
    had, has = (old.credentials if old else {}), (new.credentials if new else {})
    lost, gained = sorted(had.keys() - has.keys()), sorted(has.keys() - had.keys())
    for name in lost:
        yield Change("revoke", one.system, one.name, f"credential:{name}", "credential", reason=had[name])
    for place, name in enumerate(gained):
        yield Change("grant", one.system, one.name, f"credential:{name}", "credential", reason=has[name])
        if place < len(lost):
            yield Change("rotate", one.system, one.name, f"credential:{name}", "credential", reason=has[name])


def _groups(before: State, after: State) -> Iterator[Change]:
    for key in sorted(before.groups.keys() | after.groups.keys()):
        old, new = before.groups.get(key), after.groups.get(key)
        system, name, _ = new or old or (None, key[1], "")
        if old is None:
            yield Change("change-rule", system, None, name, reason="created")
        elif new is None:
            yield Change("change-rule", system, None, name, reason="removed")
        elif old[2] != new[2]:
            yield Change("change-rule", system, None, name, reason="changed what it allows")
