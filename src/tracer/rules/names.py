"""What an attribute of a vendor is called in source data.

The names of source data decide: the vendor's own name first, whatever its case and separators (`jobTitle` is
`job_title`), then another name of the same thing from `SAME`, else the vendor's name with words joined by `_`.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

SAME: tuple[tuple[str, ...], ...] = (
    ("email", "mail", "primary_email", "work_email", "emails"),
    ("employment_type", "employee_type", "worker_type", "contract_type"),
    ("worker_id", "employee_id", "employee_number"),
    ("user_principal_name", "upn"),
    ("title", "job_title"),
    ("department", "dept", "department_name"),
    ("company", "company_name"),
    ("cost_center", "cost_centre"),
    ("city", "locality"),
    ("first_name", "given_name", "name.given_name"),
    ("last_name", "surname", "family_name", "name.family_name"),
    ("hire_date", "employee_hire_date", "start_date"),
    ("groups", "group_names"),
    ("group_ids", "member_of"),
)
"""Names of one thing that holds the same values, as Entra, Okta, SCIM and directories write them.

Not here: `userType` of Entra says member or guest; a country and its code are written differently.
"""


@lru_cache(maxsize=65_536)
def folded(name: str) -> str:
    """A name without case and separators."""
    return re.sub(r"[_\-\s]", "", name).casefold()


def attribute(vendor: str, known: Iterable[str]) -> str:
    """The name under which the `known` attributes of source data hold what a vendor calls `vendor`."""
    return same(vendor, known) or _snake(vendor)


def same(name: str, known: Iterable[str]) -> str | None:
    """Which of the `known` names means the same as this one; None where none does."""
    names = sorted(known)
    if name in names:
        return name
    by_fold: dict[str, str] = {}
    for one in names:
        by_fold.setdefault(folded(one), one)
    if folded(name) in by_fold:
        return by_fold[folded(name)]
    for group in SAME:
        folds = [folded(one) for one in group]
        if folded(name) in folds:
            return next((by_fold[fold] for fold in folds if fold in by_fold), None)
    return None


def _snake(name: str) -> str:
    """`costCenter` as `cost_center`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()
