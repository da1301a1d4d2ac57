"""Sets what tracer says of each grant beside what is true of it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from benchmarks.accuracy.clocks import told
from benchmarks.accuracy.company import LOGGED
from benchmarks.accuracy.judging import Judged
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.truth import Verdict

SECOND = 1.5


@dataclass(frozen=True)
class Pair:
    """One grant: the true verdict and the one given; `got` is None where tracer knows no such grant."""

    plan: Plan | None
    truth: Verdict
    got: Judged | None

    @property
    def true_label(self) -> str:
        """The class of the root, else the verdict."""
        return _label(self.truth.verdict, self.truth.cause)

    @property
    def said_label(self) -> str:
        """The same of what tracer says."""
        return _label(self.got.verdict, self.got.cause) if self.got else "no such grant"

    @property
    def right_mode(self) -> bool:
        """Verdict and root mode are the true ones."""
        return bool(self.got and self.got.verdict == self.truth.verdict and self.got.mode == self.truth.mode)

    @property
    def right_owner(self) -> bool:
        """One of those who may rightly be named is named."""
        return bool(
            self.got
            and self.got.owner
            and self.got.owner.casefold() in {o.casefold() for o in self.truth.owners}
        )

    @property
    def right_since(self) -> bool:
        """Wrong since the true moment, or what the log that the access stands in says of it."""
        said = datetime.fromisoformat(self.got.wrong_since) if self.got and self.got.wrong_since else None
        true = self.truth.wrong_since
        if said is None or true is None or self.plan is None:
            return said is true is None
        return any(abs((said - at).total_seconds()) < SECOND for at in (true, _logged(self.plan, true)))

    @property
    def accused(self) -> bool:
        """A person is named for access that is right."""
        return bool(
            self.truth.verdict == "conforming" and self.got and self.got.owner
            and self.got.verdict in ("wrong-access", "control-weakness")
        )  # fmt: skip


def _label(verdict: str, cause: str | None) -> str:
    return cause or "?" if verdict == "wrong-access" else verdict


def compare(plans: Iterable[Plan], judged: Iterable[Judged]) -> list[Pair]:
    """Pairs by account and entitlement, and of several grants by the time they were given.

    A grant that tracer knows by signs only, for its record is not in evidence, is the one that was given last before.
    """
    said: dict[tuple[str, str, str], list[Judged]] = defaultdict(list)
    for one in judged:
        said[one.system.casefold(), one.account.casefold(), one.entitlement.casefold()].append(one)
    pairs, lost = [], []
    for plan in sorted(plans, key=lambda plan: plan.given):
        candidates = said[_key(plan)]
        best = min(candidates, key=lambda one: _apart(plan, one), default=None)
        if best is not None and (_apart(plan, best) < SECOND or not plan.logged):
            candidates.remove(best)
            pairs.append(Pair(plan, plan.truth, best))
        else:
            lost.append(plan)
    for plan in reversed(lost):
        candidates = [one for one in said[_key(plan)] if one.given is None]
        if candidates:
            said[_key(plan)].remove(candidates[0])
        pairs.append(Pair(plan, plan.truth, candidates[0] if candidates else None))
    return pairs + [Pair(None, Verdict("conforming"), one) for rest in said.values() for one in rest]


def _key(plan: Plan) -> tuple[str, str, str]:
    return plan.system, plan.account.casefold(), plan.entitlement.casefold()


def _apart(plan: Plan, one: Judged) -> float:
    if one.given is None:
        return 0 if not plan.logged else 1e12
    return abs((datetime.fromisoformat(one.given) - _logged(plan, plan.given)).total_seconds())


def _logged(plan: Plan, at: datetime) -> datetime:
    """The moment as the log says it that the access stands in."""
    return told(at, LOGGED.get(plan.system, "provisioning"))
