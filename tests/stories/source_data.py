"""Golden cases of the source-data class: the decision was carried out, and rested on facts that were not so."""

from collections.abc import Iterator
from typing import Any

from tests.stories import Golden, change
from tests.story import HIRED, Story, mail, owner_of

RULE = 'identity.department == "Finance" && identity.employment_type == "FTE"'
INPUTS = {"department": "Finance", "employment_type": "FTE"}
GRANTED = "2026-02-02T08:00:00Z"
SINCE = "2026-02-02T08:00:00.000Z"
FACTS, LOG, REGISTER = "source-data.csv", "provisioning.jsonl", "register.yaml"
KINDS = (
    "wrong-attribute",
    "stale-copy",
    "late-update",
    "conflicting-sources",
    "missing-attribute",
    "wrong-correlation",
)


def granted(
    inputs: dict[str, str] | None = None, *, rule: str = RULE, system: str = "workday", **kind: str
) -> Story:
    """Nora got gl-poster by rule; in source data she is an employee of Finance unless said otherwise."""
    story = Story().rule(rule).role(eligible=rule).person("nora.weber", system=system, **kind)
    story.grant(GRANTED, "nora.weber", rule="R-ERP", rule_version=1, inputs=inputs or INPUTS)
    return story.until("2026-04-30T08:00:00Z")


def wrong(mode: str, tells: str, story: Story, reasoning: str, flip: dict[str, Any], **more: Any) -> Golden:
    """Wrong access by source data, owned by the HR control unless said otherwise."""
    values = {
        "mode": mode,
        "klass": "source-data",
        "owner": owner_of("source-data"),
        "since": SINCE,
        "identity": "nora.weber",
        "excludes": [one for one in (*KINDS, "rule-overgrants") if one not in (mode, more.get("and_also"))],
    }
    more.pop("and_also", None)
    return Golden(
        name=mode,
        tells=tells,
        story=story,
        verdict="wrong-access",
        reasoning=reasoning,
        flip=flip,
        **(values | more),
    )


def alike(name: str, tells: str, story: Story, reasoning: str, flip: dict[str, Any], **more: Any) -> Golden:
    """A look-alike."""
    values = {"verdict": "conforming", "identity": "nora.weber"} | more
    return Golden(name=name, tells=tells, story=story, reasoning=reasoning, flip=flip, **values)


def drop(value: str) -> dict[str, Any]:
    """The edit that takes rows with this value out of source data."""
    return {"file": FACTS, "where": {"value": value}, "drop": True}


def cases() -> Iterator[Golden]:
    """The cases, each followed by its look-alikes."""
    yield from _wrong_attribute()
    yield from _stale_copy()
    yield from _late_update()
    yield from _conflicting()
    yield from _missing()
    yield from _correlation()


def _wrong_attribute() -> Iterator[Golden]:
    story = granted().fact("nora.weber", "employment_type", "Contractor", HIRED, "2026-04-10T09:00:00Z")
    yield wrong(
        "wrong-attribute",
        "HR had entered a contractor as employee; corrected in April, for the same effective date.",
        story,
        "Rule 2: delivered as decided; the corrected value would have gone the other way.",
        change("The value was never corrected.", drop("Contractor"), verdict="conforming"),
    )
    story = granted().fact("nora.weber", "department", "finance ops", HIRED, "2026-01-10T09:00:00Z")
    yield alike(
        "wrong-attribute-lookalike-corrected-before",
        "HR corrected the department, but before the engine decided; what the engine had read was in no source any more.",
        story,
        "A value corrected before the decision is no wrong attribute; the copy that the engine read was stale.",
        change("The correction never came.", drop("finance ops"), verdict="conforming"),
        verdict="wrong-access",
        mode="stale-copy",
        klass="source-data",
        owner=owner_of("source-data"),
        since=SINCE,
    )


def _stale_copy() -> Iterator[Golden]:
    story = granted().control("SYN-01", "source-data", mail("sync-team"), covers={"system": ["okta"]})
    story.add("sources_of_truth", attribute="employment_type", authoritative=["workday"], copies=["okta"])
    story.fact("nora.weber", "employment_type", "Contractor", "2026-01-15T00:00:00Z", "2026-01-14T09:00:00Z")
    story.fact("nora.weber", "employment_type", "FTE", HIRED, system="okta")
    yield wrong(
        "stale-copy",
        "HR had recorded the change to contractor in January; the directory still held FTE, and the engine read that.",
        story,
        "Rule 2: no authoritative source held the value that the engine logged; the copy's owner answers.",
        change("HR had recorded no change.", drop("Contractor"), verdict="conforming"),
        owner=mail("sync-team"),
    )
    story = granted({"department": "Finance", "employment_type": "FTE", "title": "Old"})
    story.add("sources_of_truth", attribute="title", authoritative=["workday"], copies=["okta"])
    story.fact("nora.weber", "title", "New", HIRED).fact("nora.weber", "title", "Old", HIRED, system="okta")
    yield alike(
        "stale-copy-lookalike-undecisive",
        "The engine logged a title that was out of date, but the rule does not ask for the title.",
        story,
        "A stale value that the decision does not hang on makes nothing wrong.",
        change(
            "HR held another employment type then.",
            {"file": FACTS, "where": {"attribute": "employment_type"}, "set": {"value": "Intern"}},
            verdict="wrong-access",
            mode="stale-copy",
        ),
    )


def _late_update() -> Iterator[Golden]:
    story = granted().fact(
        "nora.weber", "department", "Legal", "2026-01-20T00:00:00Z", "2026-02-20T09:00:00Z"
    )
    story.act("2026-02-20T12:00:00Z", "revoke", mail("nora.weber"), executor="erp-engine")
    yield wrong(
        "late-update",
        "She had moved to Legal before the grant; HR recorded it a month late, and the access then went within hours.",
        story,
        "Rule 2: a change that took effect before the grant and was recorded later than source_update_sla after it.",
        change("The move was recorded in time, and the access was kept.",
               {"file": FACTS, "where": {"value": "Legal"}, "set": {"effective_at": "2026-02-20T00:00:00Z"}},
               verdict="conforming"),
    )  # fmt: skip
    story = granted().fact(
        "nora.weber", "department", "Legal", "2026-03-01T00:00:00Z", "2026-03-01T09:00:00Z"
    )
    yield alike(
        "late-update-lookalike-kept",
        "She moved to Legal in March, HR recorded it the same day, and the access stayed.",
        story,
        "Rule 4: the source did its part in time; the access was not revoked.",
        change("HR recorded the move a month late.",
               {"file": FACTS, "where": {"value": "Legal"}, "set": {"recorded_at": "2026-04-01T00:00:00Z"}},
               verdict="wrong-access", mode="late-update"),
        verdict="wrong-access",
        mode="revocation-missed",
        klass="execution",
        owner=owner_of("revocation"),
        since="2026-03-01T00:00:00.000Z",
    )  # fmt: skip


def _conflicting() -> Iterator[Golden]:
    def two(value: str) -> Story:
        story = granted().control("HR-02", "source-data", mail("payroll"), covers={"system": ["paysys"]})
        story.add(
            "sources_of_truth", attribute="employment_type", authoritative=["workday", "paysys"], copies=[]
        )
        return story.fact("nora.weber", "employment_type", value, HIRED, system="paysys")

    yield wrong(
        "conflicting-sources",
        "Two sources of truth held different employment types; by the one she was entitled, by the other not.",
        two("Contractor"),
        "Rule 2: the disagreement changes the outcome; each source's owner is accountable for the part they control.",
        change("Both sources agree.", {"file": FACTS, "where": {"value": "Contractor"}, "set": {"value": "FTE"}},
               verdict="conforming"),
        more={"shared_with": [mail("payroll")]},
    )  # fmt: skip
    story = two("FTE").fact("nora.weber", "department", "Finance", HIRED, system="paysys")
    story.fact("nora.weber", "title", "Clerk", HIRED).fact(
        "nora.weber", "title", "Chief", HIRED, system="paysys"
    )
    yield alike(
        "conflicting-sources-lookalike-undecisive",
        "The two sources disagree on her title only, which the rule does not ask for.",
        story,
        "conflicting-sources fails only where the disagreement changes the outcome.",
        change("They disagree on what decides.", {"file": FACTS, "where": {"system": "paysys", "value": "FTE"}, "set": {"value": "Temp"}},
               verdict="wrong-access", mode="conflicting-sources"),
    )  # fmt: skip


def _missing() -> Iterator[Golden]:
    rule = 'identity.department == "Finance" && identity.employment_type != "Contractor"'

    def blank() -> Story:
        story = granted({"department": "Finance", "employment_type": ""}, rule=rule).policy(
            source_update_sla="P30D"
        )
        story.facts = [row for row in story.facts if row["attribute"] != "employment_type"]
        return story

    yield wrong(
        "missing-attribute",
        "No source held an employment type when the engine decided on an empty one; HR entered Contractor ten days later.",
        blank().fact("nora.weber", "employment_type", "Contractor", "2026-02-12T00:00:00Z"),
        "Rule 2: the value that was entered later goes the other way, and none was held then.",
        change(
            "HR entered FTE.",
            {"file": FACTS, "where": {"value": "Contractor"}, "set": {"value": "FTE"}},
            verdict="conforming",
        ),
    )
    yield alike(
        "missing-attribute-lookalike-never-entered",
        "No source ever held an employment type: whether the access was right is not known.",
        blank(),
        "Rule 6: evidence for a created check is missing.",
        change("HR did hold one.", {"file": FACTS, "add": {"worker_id": "W-1001", "email": mail("nora.weber"),
               "attribute": "employment_type", "value": "FTE", "effective_at": HIRED, "recorded_at": HIRED, "system": "workday"}},
               verdict="conforming"),
        verdict="undetermined",
        more={"missing_includes": ["employment_type|source data"]},
    )  # fmt: skip


def _correlation() -> Iterator[Golden]:
    def mixed(department: str) -> Story:
        story = granted({**INPUTS, "worker_id": "W-1002"}, department=department)
        story.control("COR-01", "source-data", mail("matchmakers"), covers={"attribute": ["correlation"]})
        return story.person("nora.weiss")

    yield wrong(
        "wrong-correlation",
        "The engine took her account for that of a namesake in Finance: the logged worker id is the other's.",
        mixed("Legal"),
        "Rule 2: the inputs carry another person's id, and on her own facts the rule is false.",
        change("The engine logged her own worker id.", {"file": LOG, "replace": "W-1002", "with": "W-1001"},
               verdict="wrong-access", mode="stale-copy"),
        owner=mail("matchmakers"),
    )  # fmt: skip
    yield alike(
        "wrong-correlation-lookalike-also-entitled",
        "The logged worker id is a namesake's, but she is in Finance herself: the access is hers by right.",
        mixed("Finance"),
        "With the facts as they are the decision would not have gone the other way.",
        change("She is in Legal.", {"file": FACTS, "where": {"worker_id": "W-1001", "attribute": "department"}, "set": {"value": "Legal"}},
               verdict="wrong-access", mode="wrong-correlation"),
    )  # fmt: skip
