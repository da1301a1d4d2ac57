"""What an access register says at one moment: who holds what, which accounts there are, what the groups mean."""

from dataclasses import dataclass, field, replace

Text = str | None


@dataclass(frozen=True)
class Holding:
    """One account holds one entitlement, as far as a register tells."""

    system: Text
    account: str
    entitlement: str
    kind: Text = None
    account_kind: Text = None
    scope: Text = None
    expires_at: Text = None
    reason: Text = None
    ticket: Text = None
    requested_by: Text = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same holding before and after a change."""
        return ((self.system or "").casefold(), self.account.casefold(), self.entitlement.casefold())


@dataclass
class Account:
    """An account that a register lists: whether it is absent, whether anything says so or the opposite, its other names
    and its credentials. One that only a holding names is not `listed`: it neither comes nor goes.
    """

    system: Text
    name: str
    absent: bool = False
    stated: bool = False
    listed: bool = True
    aliases: dict[str, str] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)


@dataclass
class State:
    """All that the files of a register say; keys are case-folded."""

    holdings: dict[tuple[str, str, str], Holding] = field(default_factory=dict)
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    groups: dict[tuple[str, str], tuple[Text, str, str]] = field(default_factory=dict)
    """Groups with their system, name, and everything about them but who is in them and how they are described."""

    def hold(self, holding: Holding) -> None:
        """Add a holding."""
        if holding.account.strip() and holding.entitlement.strip():
            self.holdings.setdefault(holding.key, holding)

    def account(self, account: Account) -> None:
        """Add an account, or what another file adds to it."""
        key = ((account.system or "").casefold(), account.name.casefold())
        known = self.accounts.setdefault(key, account)
        if known is not account:
            known.absent = known.absent or account.absent
            known.stated = known.stated or account.stated
            known.listed = known.listed or account.listed
            known.aliases |= account.aliases
            known.credentials |= account.credentials

    def add(self, other: "State") -> None:
        """Everything that another file says as well."""
        for holding in other.holdings.values():
            self.hold(holding)
        for account in other.accounts.values():
            copied = replace(account, aliases=dict(account.aliases), credentials=dict(account.credentials))
            self.account(copied)
        for key, value in other.groups.items():
            self.groups.setdefault(key, value)
