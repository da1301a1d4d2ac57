"""What an attribute of a vendor is called in source data.

The names of source data decide: the vendor's own name first, whatever its case and separators (`jobTitle` is
`job_title`), then another name of the same thing from `SAME`, else the vendor's name with words joined by `_`.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

SAME: tuple[tuple[str, ...], ...] = (
    ("email", "mail", "primary_email", "work_email", "emails"),
    ("employment_type", "employee_type", "user_type", "worker_type", "contract_type"),
    ("worker_id", "employee_id", "employee_number"),
    ("login", "user_name", "user_principal_name", "upn"),
    ("title", "job_title"),
    ("department", "dept", "department_name"),
    ("company", "company_name", "organization"),
    ("manager", "manager_id"),
    ("cost_center", "cost_centre"),
    ("country", "country_code", "usage_location"),
    ("city", "locality"),
    ("first_name", "given_name", "name.given_name"),
    ("last_name", "surname", "family_name", "name.family_name"),
    ("location", "office", "office_location", "physical_delivery_office_name"),
    ("hire_date", "employee_hire_date", "start_date"),
    ("groups", "group_names"),
    ("group_ids", "member_of"),
)
"""Names of one thing, as Entra, Okta, SCIM and directories write them."""


@lru_cache(maxsize=65_536)
def folded(name: str) -> str:
    """A name without case and separators."""
    return re.sub(r"[_\-\s]", "", name).casefold()


def attribute(vendor: str, known: Iterable[str]) -> str:
    """The name under which the `known` attributes of source data hold what a vendor calls `vendor`."""
    names = sorted(known)
    if vendor in names:
        return vendor
    by_fold: dict[str, str] = {}
    for name in names:
        by_fold.setdefault(folded(name), name)
    if folded(vendor) in by_fold:
        return by_fold[folded(vendor)]
    for group in SAME:
        folds = [folded(name) for name in group]
        if folded(vendor) in folds:
            found = next((by_fold[fold] for fold in folds if fold in by_fold), None)
            return found or _snake(vendor)
    return _snake(vendor)


def _snake(name: str) -> str:
    """`costCenter` as `cost_center`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()
