"""The one family of errors: what happened, where, and what to do about it."""

from collections.abc import Iterable

EXIT_PROBLEM = 1
EXIT_USAGE = 2
EXIT_STRICT = 3
EXIT_TAMPERED = 4
EXIT_FOUND = 5


class TracerError(Exception):
    """A stated problem that a user can act on.

    `what` is one sentence without a full stop, `where` names the file, record or line (empty: nowhere in
    particular), `todo` says what to do. The command line prints them as one line and exits with `exit_code`.
    """

    exit_code = EXIT_PROBLEM

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        self.what = what
        self.where = where
        self.todo = todo
        super().__init__(self.diagnostics())

    def diagnostics(self) -> str:
        """What to show a person: one line, the place first."""
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}; {self.todo}" if self.todo else text


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """What to do about a name that is not known: take the nearest one that is, or `otherwise` where none is near."""
    from difflib import get_close_matches

    names = {one.casefold(): one for one in known}
    near = get_close_matches(name.strip().casefold(), names, n=1)
    return f"did you mean {names[near[0]]!r}?" if near else otherwise


class UsageError(TracerError):
    """A command that cannot be carried out as it was asked, such as an ambiguous name."""

    exit_code = EXIT_USAGE


class CaseError(TracerError):
    """The case file cannot be used: missing, not a case, or written by a newer version."""


class DeclarationError(TracerError):
    """A source declaration in `ingest/` does not say what it must."""


class RegisterError(TracerError):
    """A register or another of our own inputs has an unknown key, a bad value or a contradiction."""


class RuleError(TracerError):
    """A rule or eligibility expression that cannot be evaluated."""
