"""Golden cases of the decision class: what was decided was delivered, and should not have been decided, or reviewed away."""

from collections.abc import Iterator
from typing import Any

from tests.stories import Golden, change
from tests.story import HIRED, Story, mail, owner_of

FINANCE = 'identity.department == "Finance"'
STAFF = f'{FINANCE} && identity.employment_type == "FTE"'
ASKED, APPROVED, GRANTED = "2026-02-01T09:00:00Z", "2026-02-02T09:00:00Z", "2026-02-03T09:00:00Z"
SINCE, LAST = "2026-02-03T09:00:00.000Z", "2026-08-01T09:00:00Z"
REGISTER, LOG, FACTS, JIRA, REVIEWS = (
    "register.yaml",
    "provisioning.jsonl",
    "source-data.csv",
    "jira.json",
    "access-reviews.csv",
)
NORA, MARTA = "nora.weber", "marta.klein"
TICKET = {"file": JIRA, "where": {"key": "ACC-1"}}
JUSTIFICATION, END = "fields.customfield_10106", "fields.customfield_10105"


def ruled(expression: str = FINANCE, eligible: str | None = FINANCE, **rule: Any) -> Story:
    """Nora, in Finance, got gl-poster by rule."""
    story = Story().person(NORA).rule(expression, **rule).role(eligible=eligible)
    inputs = {"department": "Finance", "employment_type": "FTE"}
    return story.grant(GRANTED, NORA, rule="R-ERP", rule_version=1, inputs=inputs).until(LAST)


def ticketed(role: dict[str, Any] | None = None, *, authority: bool = True, **ticket: Any) -> Story:
    """Nora asked for gl-poster, Marta approved, it was delivered; tickets are covered from January to August."""
    story = Story().person(NORA).person(MARTA).role(approval="required", **(role or {}))
    if authority:
        story.authority(MARTA)
    asked = {"beneficiary": NORA, "asked": ASKED, "approved": [(MARTA, APPROVED)]} | ticket
    story.ticket_export("2026-01-05T09:00:00Z", LAST).ticket("ACC-1", **asked)
    return story.grant(GRANTED, NORA, ticket="ACC-1").until(LAST)


def wrong(
    mode: str, tells: str, story: Story, why: str, flip: dict[str, Any], owner: str, **more: Any
) -> Golden:
    """Wrong access by a decision."""
    named = {
        "mode": mode.partition("-through-")[0],
        "klass": "decision",
        "since": SINCE,
        "identity": NORA,
        "owner_basis": None,
    }
    values = named | more
    return Golden(
        name=mode,
        tells=tells,
        story=story,
        verdict="wrong-access",
        reasoning=why,
        flip=flip,
        owner=owner,
        **values,
    )


def weak(
    mode: str, tells: str, story: Story, why: str, flip: dict[str, Any], owner: str, **more: Any
) -> Golden:
    """A control that failed though no access was wrong."""
    values = {"mode": mode, "klass": "decision", "identity": NORA} | more
    return Golden(
        name=mode,
        tells=tells,
        story=story,
        verdict="control-weakness",
        reasoning=why,
        flip=flip,
        owner=owner,
        **values,
    )


def right(name: str, tells: str, story: Story, why: str, flip: dict[str, Any], **more: Any) -> Golden:
    """A look-alike."""
    values = {"verdict": "conforming", "identity": NORA} | more
    return Golden(name=name, tells=tells, story=story, reasoning=why, flip=flip, **values)


def row(file: str, where: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The edit that sets these values in the records that have those."""
    return {"file": file, "where": where, "set": values}


def cases() -> Iterator[Golden]:
    """The cases, each followed by its look-alikes."""
    for part in (_rules, _requests, _approvals, _ends, _machines, _without_approval, _reviews, _governance):
        yield from part()


def _rules() -> Iterator[Golden]:
    yield wrong(
        "rule-overgrants",
        "The rule asks for Finance only; the catalogue allows gl-poster to employees, and she is a contractor.",
        ruled(eligible=STAFF).fact(NORA, "employment_type", "Contractor", "2025-06-01T00:00:00Z"),
        "Rule 3: the facts were right, the rule is true on them and the catalogue does not allow it.",
        change(
            "She is an employee.",
            {"file": FACTS, "where": {"value": "Contractor"}, "drop": True},
            verdict="conforming",
        ),
        owner_of("rule"),
        excludes=["wrong-attribute", "rule-not-satisfied"],
    )
    yield right(
        "rule-overgrants-lookalike-hr-error",
        "The rule is as wide, but she is an employee; HR had her as one of Sales and the engine logged Finance.",
        ruled(eligible=STAFF).fact(NORA, "department", "Sales", "2026-01-01T00:00:00Z"),
        "Rule 2 goes first: with the facts as they are the rule is false.",
        change(
            "HR had her in Finance.",
            {"file": FACTS, "where": {"value": "Sales"}, "drop": True},
            verdict="conforming",
        ),
        verdict="wrong-access",
        mode="stale-copy",
        klass="source-data",
        owner=owner_of("source-data"),
    )
    owned = change(
        "The rule has an owner.", row(REGISTER, {"id": "R-ERP"}, owner=mail("erp-apps")), verdict="conforming"
    )
    yield weak(
        "unowned-rule",
        "Nobody in the register owns the rule that granted it.",
        ruled(owner=None),
        "Rule 5: the access was right; the rule had no business owner.",
        owned,
        owner_of("rule"),
    )
    two = ruled().rule(FINANCE, version=0, owner=None, **{"from": "2024-01-01", "to": "2025-01-01"})
    yield right(
        "unowned-rule-lookalike-earlier-version",
        "An earlier version of the rule had no owner; the one that granted it has.",
        two,
        "Asked is the rule as it was when it granted.",
        change("The version in force has no owner.", row(REGISTER, {"id": "R-ERP", "version": 1}, owner=None),
               verdict="control-weakness", mode="unowned-rule"),
    )  # fmt: skip
    yield weak(
        "rule-unreviewed",
        "Policy wants rules reviewed every 90 days; this one was reviewed a year before it granted.",
        ruled(reviewed_at=["2025-01-15"]).policy(rule_review_interval="P90D"),
        "Rule 5: the access was right; the rule's review was overdue.",
        change(
            "It was reviewed in January.",
            row(REGISTER, {"id": "R-ERP"}, reviewed_at=["2026-01-15"]),
            verdict="conforming",
        ),
        owner_of("rule"),
    )
    yield right(
        "rule-unreviewed-lookalike-no-policy",
        "The rule was never reviewed, and no policy says that it has to be.",
        ruled(),
        "A limit that policy does not set is not checked.",
        change("Policy asks for it.", row(REGISTER, {"revocation_sla": "PT24H"}, rule_review_interval="P90D"),
               verdict="control-weakness", mode="rule-unreviewed"),
    )  # fmt: skip
    yield weak(
        "rule-untested",
        "Policy requires tests of rules; this version went into force with none recorded.",
        ruled().policy(rule_tests="required"),
        "Rule 5: the access was right; the rule version was never tested.",
        change(
            "It was tested the week before.",
            row(REGISTER, {"id": "R-ERP"}, tested_at="2024-12-20"),
            verdict="conforming",
        ),
        owner_of("rule"),
    )
    yield right(
        "rule-untested-lookalike-first-instant",
        "The test was recorded at the very instant at which the version went into force.",
        ruled(tested_at="2025-01-01T00:00:00Z").policy(rule_tests="required"),
        "Time limits include their first instant.",
        change("It was recorded a second later.", row(REGISTER, {"id": "R-ERP"}, tested_at="2025-01-01T00:00:01Z"),
               verdict="control-weakness", mode="rule-untested"),
    )  # fmt: skip


def _requests() -> Iterator[Golden]:
    required = {"justification": "required"}
    yield wrong(
        "no-justification",
        "The catalogue asks for a justification; the request was approved with the field empty.",
        ticketed(required, justification=None),
        "Rule 3: approved without what the catalogue asks for.",
        change(
            "She had given one.",
            row(JIRA, {"key": "ACC-1"}, **{JUSTIFICATION: "Year-end close"}),
            verdict="conforming",
        ),
        owner_of("request"),
    )
    yield right(
        "no-justification-lookalike-optional",
        "The field is as empty, but for this entitlement the catalogue asks for none.",
        ticketed(justification=None),
        "Required is what the catalogue says.",
        change("The catalogue asks for one.", row(REGISTER, {"entitlement": "gl-poster", "approval": "required"}, justification="required"),
               verdict="wrong-access", mode="no-justification"),
    )  # fmt: skip
    yield wrong(
        "free-text-request",
        "The entitlement field of the approved request is empty; what was delivered stood in its text.",
        ticketed(entitlement=None),
        "Rule 3: the access was taken from free ticket text.",
        change(
            "The field names it.",
            row(JIRA, {"key": "ACC-1"}, **{"fields.customfield_10103": {"value": "gl-poster"}}),
            verdict="conforming",
        ),
        owner_of("request"),
        excludes=["wrong-entitlement", "no-decision"],
    )
    unmapped = ticketed(entitlement=None)
    unmapped.register["tickets"] = {}
    yield right(
        "free-text-request-lookalike-unmapped",
        "The register does not say which field holds the entitlement, so an empty one means nothing.",
        unmapped,
        "Rule 6: whether the ticket decided this is not known.",
        change("The register says so.", {"file": REGISTER, "replace": "tickets: {}", "with": "tickets: {jira: {entitlement: customfield_10103, beneficiary: customfield_10101, approvals: customfield_10049}}"},
               verdict="wrong-access", mode="free-text-request"),
        verdict="undetermined",
    )  # fmt: skip


def _approvals() -> Iterator[Golden]:
    staff = {"eligible": STAFF}
    contractor = ticketed(staff).fact(NORA, "employment_type", "Contractor", "2025-06-01T00:00:00Z")
    yield wrong(
        "policy-ineligible",
        "Marta approved gl-poster for a contractor, whom the catalogue excludes; HR knew it then.",
        contractor,
        "Rule 3: excluded on the facts known at the approval.",
        change(
            "She was an employee.",
            {"file": FACTS, "where": {"value": "Contractor"}, "drop": True},
            verdict="conforming",
        ),
        mail(MARTA),
        excludes=["wrong-attribute", "late-update"],
    )
    later = ticketed(staff).fact(NORA, "employment_type", "Contractor", HIRED, "2026-03-01T00:00:00Z")
    yield right(
        "policy-ineligible-lookalike-corrected-later",
        "The approver saw an employee; HR corrected the record a month after the approval.",
        later,
        "Rule 2: on the facts known then she was eligible; the source was wrong.",
        change("HR had corrected it before.", row(FACTS, {"value": "Contractor"}, recorded_at="2026-01-15T00:00:00Z"),
               verdict="wrong-access", mode="policy-ineligible"),
        verdict="wrong-access",
        mode="wrong-attribute",
        klass="source-data",
        owner=owner_of("source-data"),
        excludes=["policy-ineligible"],
    )  # fmt: skip
    alias = ticketed(approved=[("nweber", APPROVED)], beneficiary=NORA).authority("nweber")
    alias.add(
        "identities", id=mail(NORA), kind="human", accounts=[{"system": "jira", "name": mail("nweber")}]
    )
    yield wrong(
        "self-approval",
        "Nora approved her own request, with an account under another name.",
        alias,
        "Rule 3: the approver is the beneficiary, through an alias.",
        change(
            "The account is somebody else's.",
            row(REGISTER, {"id": mail(NORA)}, accounts=[]),
            verdict="conforming",
        ),
        mail(NORA),
        more={"shared_with": [owner_of("approval")]},
    )
    namesake = ticketed(approved=[("nora.weiss", APPROVED)]).authority("nora.weiss")
    yield right(
        "self-approval-lookalike-namesake",
        "The approver is another Nora.",
        namesake,
        "Accounts are joined by ids and e-mails, never by a name.",
        change("It is the same Nora after all.", {"file": JIRA, "replace": "nora.weiss@", "with": "nora.weber@"},
               verdict="wrong-access", mode="self-approval"),
    )  # fmt: skip
    lapsed = ticketed(authority=False).authority(MARTA, to="2026-02-02T09:00:00Z")
    yield wrong(
        "approver-lacks-authority",
        "Marta's authority ended at the very second of her approval.",
        lapsed,
        "Rule 3: time limits exclude their last instant.",
        change(
            "It ended a second later.",
            row(REGISTER, {"approver": mail(MARTA)}, to="2026-02-02T09:00:01Z"),
            verdict="conforming",
        ),
        mail(MARTA),
        more={"shared_with": [owner_of("approval")]},
    )
    second = ticketed(authority=False, approved=[(MARTA, APPROVED), ("gus.holt", APPROVED)]).authority(
        "gus.holt"
    )
    yield right(
        "approver-lacks-authority-lookalike-second-approver",
        "Marta had no authority, but Gus had, and he approved as well.",
        second,
        "The request was approved by one who may.",
        change("Gus had none either.", row(REGISTER, {"approver": mail("gus.holt")}, entitlement="gl-viewer", system="wiki"),
               verdict="undetermined"),
    )  # fmt: skip
    delegated = ticketed(authority=False).authority("gus.holt")
    delegated.authority(MARTA, delegated_by=mail("gus.holt"), to="2026-01-31")
    yield wrong(
        "delegation-invalid",
        "Gus had delegated to Marta until the end of January; she approved on 2 February.",
        delegated,
        "Rule 3: the delegation had ended; the delegating approver answers.",
        change(
            "The delegation ran on.", row(REGISTER, {"approver": mail(MARTA)}, to=None), verdict="conforming"
        ),
        mail("gus.holt"),
        excludes=["approver-lacks-authority"],
    )
    chain = (
        ticketed(authority=False).authority("vera.lind").authority("gus.holt", delegated_by=mail("vera.lind"))
    )
    yield right(
        "delegation-invalid-lookalike-chain",
        "Marta acts for Gus, who acts for Vera, who has authority of her own.",
        chain.authority(MARTA, delegated_by=mail("gus.holt")),
        "A delegation is valid while its row is in force and its delegator has authority, however that came to them.",
        change("Vera's authority had ended.", row(REGISTER, {"approver": mail("vera.lind")}, to="2026-01-01"),
               verdict="wrong-access", mode="delegation-invalid"),
    )  # fmt: skip
    yield weak(
        "stale-authority",
        "Marta had left on 31 January; her authority still stood, and her account approved on 2 February.",
        ticketed().fact(MARTA, "status", "terminated", "2026-01-31T00:00:00Z"),
        "Rule 5: nothing else is wrong with the access; authorities are the process owner's.",
        change(
            "She was still there.",
            {"file": FACTS, "where": {"value": "terminated"}, "drop": True},
            verdict="conforming",
        ),
        owner_of("request"),
    )
    yield right(
        "stale-authority-lookalike-left-later",
        "Marta left, but the day after she approved.",
        ticketed().fact(MARTA, "status", "terminated", "2026-02-03T00:00:00Z"),
        "She was there when she approved.",
        change("She had left the day before.", row(FACTS, {"value": "terminated"}, effective_at="2026-02-01T00:00:00Z", recorded_at="2026-02-01T00:00:00Z"),
               verdict="control-weakness", mode="stale-authority"),
    )  # fmt: skip
    yield from _conflicts()


def _conflicts() -> Iterator[Golden]:
    def both(ended: str | None = None) -> Story:
        story = ticketed({"conflicts": [{"system": "erp", "entitlement": "gl-approver"}]})
        story.role("gl-approver").rule(
            FINANCE, "R-APP", grants=[{"system": "erp", "entitlement": "gl-approver"}]
        )
        story.grant(
            "2026-01-20T09:00:00Z",
            NORA,
            "gl-approver",
            rule="R-APP",
            rule_version=1,
            inputs={"department": "Finance"},
        )
        return story.act(ended, "revoke", mail(NORA), "gl-approver") if ended else story

    other = {"entitlement": "gl-approver", "action": "grant"}
    yield wrong(
        "sod-conflict",
        "Nora could already release postings when Marta approved that she may make them.",
        both(),
        "Rule 3: the catalogue says that the two conflict, and she held the other one then.",
        change(
            "She did not hold the other one.",
            {"file": LOG, "where": other, "drop": True},
            verdict="conforming",
        ),
        mail(MARTA),
    )
    yield right(
        "sod-conflict-lookalike-given-back",
        "She had given the other one back before this was delivered.",
        both("2026-02-02T18:00:00Z"),
        "She never held both.",
        change("It was taken back only later.", row(LOG, {"action": "revoke"}, at="2026-03-02T18:00:00Z"),
               verdict="wrong-access", mode="sod-conflict"),
    )  # fmt: skip


def _ends() -> Iterator[Golden]:
    def contractor(**ticket: Any) -> Story:
        story = ticketed(**ticket).policy(time_bound=["contractor"])
        return story.fact(NORA, "employment_type", "Contractor", "2025-06-01T00:00:00Z")

    yield wrong(
        "no-expiry-set",
        "Access of contractors needs an end; Marta approved this without one.",
        contractor(),
        "Rule 3: decided without an end.",
        change(
            "She is an employee.",
            {"file": FACTS, "where": {"value": "Contractor"}, "drop": True},
            verdict="conforming",
        ),
        mail(MARTA),
    )
    supplier = "it@supplier.example"
    story = (
        Story()
        .person(supplier, employment_type="Vendor")
        .person(MARTA)
        .role(approval="required")
        .authority(MARTA)
    )
    story.identity(supplier, "vendor", owner="erp-apps", accounts=[{"system": "erp", "name": supplier}])
    story.policy(time_bound=["vendor"]).ticket_export("2026-01-05T09:00:00Z", LAST)
    story.ticket("ACC-1", supplier, ASKED, [(MARTA, APPROVED)]).grant(
        GRANTED, supplier, ticket="ACC-1"
    ).until(LAST)
    yield wrong(
        "no-expiry-set-through-vendor",
        "The register keeps the supplier as a vendor, source data says so too; Marta approved its access without an end.",
        story,
        "Rule 3: the employment type is time-bound, whatever kind of identity has it.",
        change("Vendors need no end.", {"file": REGISTER, "replace": "- vendor", "with": "- contractor"}, verdict="conforming"),
        mail(MARTA),
        identity=supplier,
    )  # fmt: skip
    yield right(
        "no-expiry-set-lookalike-not-delivered",
        "The request had an end; the delivery dropped it.",
        contractor(expires_at="2026-12-31"),
        "Rule 1: the approver did set an end.",
        change(
            "The request had none.",
            row(JIRA, {"key": "ACC-1"}, **{END: None}),
            verdict="wrong-access",
            mode="no-expiry-set",
        ),
        verdict="wrong-access",
        mode="expiry-dropped",
        klass="execution",
        owner=owner_of("provisioning"),
        excludes=["no-expiry-set"],
    )

    def extended(ticket: str | None) -> Story:
        story = ticketed(expires_at="2026-03-31")
        next(line for line in story.log if line["action"] == "grant")["expires_at"] = "2026-03-31T00:00:00Z"
        story.ticket("ACC-2", NORA, "2026-03-20T09:00:00Z", [(MARTA, "2026-03-21T09:00:00Z")] if ticket else (),
                     declined=() if ticket else [(MARTA, "2026-03-21T09:00:00Z")], expires_at="2026-12-31")  # fmt: skip
        more: dict[str, Any] = {"expires_at": "2026-12-31T00:00:00Z", "ticket": ticket}
        return story.act("2026-03-25T09:00:00Z", "extend", mail(NORA), **more)

    yield wrong(
        "renewal-unapproved",
        "It was to end with March; the desk prolonged it to December though the request to do so had been declined.",
        extended(None),
        "Rule 4: extended without a new approval; the old end stands, and who approved the grant answers.",
        change(
            "It was not extended.",
            {"file": LOG, "where": {"action": "extend"}, "drop": True},
            verdict="conforming",
        ),
        mail(MARTA),
        since="2026-03-31T00:00:00.000Z",
    )
    yield right(
        "renewal-unapproved-lookalike-approved",
        "Prolonged with a request of its own, approved before.",
        extended("ACC-2"),
        "An extension with an approved request decided before it moves the end.",
        change("The request was approved only after the extension.", {"file": JIRA, "replace": "2026-03-21T09:00:00Z", "with": "2026-03-26T09:00:00Z"},
               {"file": JIRA, "replace": "1774083600000", "with": "1774515600000"},
               verdict="wrong-access", mode="renewal-unapproved"),
    )  # fmt: skip


def _machines() -> Iterator[Golden]:
    def machine(owner: str | None) -> Story:
        story = (
            Story().rule(FINANCE).role().person("sam.old").policy(revocation_sla=None, source_update_sla=None)
        )
        story.identity(
            "svc-close", "service-account", owner=owner, accounts=[{"system": "erp", "name": "svc-close"}]
        )
        story.register["rules"][0]["expression"] = 'identity.purpose == "closing"'
        story.register["roles"][0].pop("eligible")
        story.fact("svc-close", "purpose", "closing", HIRED)
        story.facts[-1]["email"] = ""
        story.facts[-1]["worker_id"] = "svc-close"
        story.act(
            GRANTED,
            "grant",
            "svc-close",
            executor="erp-engine",
            rule="R-ERP",
            rule_version=1,
            inputs={"purpose": "closing"},
        )
        return story.until(LAST)

    who = {
        "identity": "svc-close",
        "more": {"query": {"identity": "svc-close", "entitlement": "gl-poster", "system": "erp"}},
    }
    yield wrong(
        "no-owner-assigned",
        "The closing job got gl-poster, and nobody was named as its owner.",
        machine(None),
        "Rule 3: a non-human identity without a named owner.",
        change(
            "It has one.", row(REGISTER, {"id": "svc-close"}, owner=mail("sam.old")), verdict="conforming"
        ),
        owner_of("approval"),
        **who,
    )
    yield weak(
        "orphaned-owner",
        "The owner of the closing job left in May, and the register still names him.",
        machine("sam.old").fact("sam.old", "status", "left", "2026-05-01T00:00:00Z"),
        "Rule 5: the access was right; no successor was named, which is the process owner's.",
        change(
            "He is still there.",
            {"file": FACTS, "where": {"value": "left"}, "drop": True},
            verdict="conforming",
        ),
        owner_of("request"),
        **who,
    )
    yield right(
        "no-owner-assigned-lookalike-person",
        "The register names no owner of Nora either; she is a person.",
        ruled().add("identities", id=mail(NORA), kind="human", owner=None),
        "Only non-human identities need a named owner.",
        change("She was a service account.", row(REGISTER, {"id": mail(NORA)}, kind="service-account"),
               verdict="wrong-access", mode="no-owner-assigned"),
    )  # fmt: skip
    back = machine("sam.old").fact("sam.old", "status", "left", "2026-05-01T00:00:00Z")
    yield right(
        "orphaned-owner-lookalike-came-back",
        "The owner left in May and came back in June.",
        back.fact("sam.old", "status", "active", "2026-06-01T00:00:00Z"),
        "There is an owner again.",
        change("He did not come back.", {"file": FACTS, "where": {"value": "active", "effective_at": "2026-06-01T00:00:00Z"}, "drop": True},
               verdict="control-weakness", mode="orphaned-owner"),
        **who,
    )  # fmt: skip


def _without_approval() -> Iterator[Golden]:
    def by_hand(executor: str = NORA) -> Story:
        story = Story().person(NORA).role(approval="required", provisioners=["desk-bot"])
        story.ticket_export("2026-01-05T09:00:00Z", LAST)
        return story.grant(
            GRANTED, NORA, executor=executor if executor == "desk-bot" else mail(executor)
        ).until(LAST)

    yield wrong(
        "self-service-bypass",
        "Nora, who may provision nothing, gave herself gl-poster; nobody had been asked.",
        by_hand(),
        "Rule 3: the catalogue asks for an approval and no request exists.",
        change("The desk delivered it.", row(LOG, {"action": "grant", "entitlement": "gl-poster"}, executor="desk-bot"),
               verdict="wrong-access", mode="no-decision"),
        owner_of("approval"),
        excludes=["unauthorised-executor", "no-decision"],
    )  # fmt: skip
    yield right(
        "self-service-bypass-lookalike-colleague",
        "The same, but a colleague who may provision nothing gave it to her.",
        by_hand("olga.kern"),
        "Rule 1: not a grant to oneself; nobody decided it.",
        change("She gave it to herself.", {"file": LOG, "replace": mail("olga.kern"), "with": mail(NORA)},
               verdict="wrong-access", mode="self-service-bypass"),
        verdict="wrong-access",
        mode="no-decision",
        klass="execution",
        owner=owner_of("provisioning"),
        includes=["unauthorised-executor"],
    )  # fmt: skip

    helper: dict[str, Any] = {"owner": "erp-platform", "accounts": [{"system": "erp", "name": "helper-ai"}]}
    asked_of_it: dict[str, Any] = {"executor": "helper-ai", "on_behalf_of": mail(NORA)}
    story = Story().person(NORA).role(approval="required", provisioners=["desk-bot"])
    story.identity("helper-ai", "ai-agent", **helper).ticket_export("2026-01-05T09:00:00Z", LAST)
    yield wrong(
        "self-service-bypass-through-agent",
        "Nora had an assistant that may provision nothing give her gl-poster; nobody had been asked.",
        story.grant(GRANTED, NORA, **asked_of_it).until(LAST),
        "Rule 3: an agent leads to the person on whose behalf it acts, so she gave it to herself.",
        change("It acted for a colleague.", row(LOG, {"action": "grant", "entitlement": "gl-poster"}, on_behalf_of=mail("olga.kern")),
               verdict="wrong-access", mode="no-decision"),
        owner_of("approval"),
        excludes=["unauthorised-executor", "no-decision"],
    )  # fmt: skip

    def broken_glass() -> Story:
        story = Story().person(NORA).role(approval="required").ticket_export("2026-01-05T09:00:00Z", LAST)
        story.act("2026-02-03T08:55:00Z", "override", mail(NORA), executor=mail(NORA))
        return story.grant(GRANTED, NORA).act("2026-02-03T17:00:00Z", "revoke", mail(NORA)).until(LAST)

    recorded = {"id": "EX-7", "kind": "break-glass", "identity": mail(NORA), "system": "erp", "entitlement": "gl-poster",
                "recorded_by": mail(NORA), "recorded_at": "2026-02-03T08:50:00Z", "approved_by": mail(MARTA),
                "expires_at": "2026-02-04T00:00:00Z", "cleanup_owner": mail("erp-platform")}  # fmt: skip
    yield wrong(
        "exception-unrecorded",
        "She broke the glass, and nobody recorded an exception.",
        broken_glass(),
        "Rule 3: policy was overridden without a recorded exception.",
        change(
            "It was recorded.",
            {"file": REGISTER, "section": "exceptions", "add": recorded},
            verdict="conforming",
        ),
        owner_of("exception"),
        excludes=["no-decision", "self-service-bypass"],
    )
    yield right(
        "exception-unrecorded-lookalike-recorded",
        "She broke the glass with an exception on record, approved by one who may approve it.",
        broken_glass().authority(MARTA).add("exceptions", **recorded),
        "The basis is the exception; it was cleaned up in time.",
        change("It was approved by somebody who may not.", row(REGISTER, {"id": "EX-7"}, approved_by=mail("olga.kern")),
               verdict="wrong-access", mode="exception-unrecorded"),
    )  # fmt: skip


def _reviews() -> Iterator[Golden]:
    def reviewed(*own: str, first: str = "2026-01-01T09:00:00Z", last: str = "2026-07-20T09:00:00Z") -> Story:
        story = ruled().policy(review_interval="P90D")
        for at in own:
            story.review(at, NORA)
        for at in (first, last):
            story.review(at, "otto.kern", "remove", entitlement="reporting-viewer")
        return story

    times = ("2026-04-10T09:00:00Z", "2026-06-20T09:00:00Z")
    yield weak(
        "review-missed",
        "Reviews are due every 90 days; hers was never done, while the campaign went on.",
        reviewed(),
        "Rule 5: the access was right all the time; the review was missed.",
        change(
            "Policy asks for one a year.",
            row(REGISTER, {"revocation_sla": "PT24H"}, review_interval="P365D"),
            verdict="conforming",
        ),
        owner_of("review"),
    )
    yield right(
        "review-missed-lookalike-done",
        "Reviewed in April and in June.",
        reviewed(*times),
        "Each was done before it was due.",
        change("The one in June was not done.", {"file": REVIEWS, "where": {"reviewed_at": times[1]}, "drop": True},
               verdict="control-weakness", mode="review-missed"),
    )  # fmt: skip

    def narrowed(*own: str) -> Story:
        story = reviewed(*own)
        story.register["rules"][0]["to"] = "2026-03-01"
        return story.rule('identity.department == "Treasury"', version=2, **{"from": "2026-03-01"})

    yield wrong(
        "review-kept-wrong-access",
        "The rule was narrowed in March so that it would not grant this any more; the review in April kept it.",
        narrowed(*times),
        "Rule 4: no source change asked for a revocation; the review should have ended it.",
        change(
            "The rule was not narrowed.",
            {"file": REGISTER, "replace": "Treasury", "with": "Finance"},
            verdict="conforming",
        ),
        mail("rosa.lund"),
        since="2026-03-01T00:00:00.000Z",
    )
    yield right(
        "review-kept-wrong-access-lookalike-nobody-looked",
        "The same, but no review of it was ever done.",
        narrowed(),
        "Rule 4: the review that should have ended it was missed.",
        change("It was reviewed, and kept.", {"file": REVIEWS, "add": {"reviewed_at": "2026-04-10T09:00:00Z", "reviewer": mail("rosa.lund"),
               "system": "erp", "account": mail(NORA), "entitlement": "gl-poster", "decision": "keep", "campaign": "2026"}},
               verdict="wrong-access", mode="review-kept-wrong-access"),
        verdict="wrong-access",
        mode="review-missed",
        klass="decision",
        owner=owner_of("review"),
        since="2026-03-01T00:00:00.000Z",
    )  # fmt: skip

    def used(*at: str) -> Story:
        story = reviewed(*times)
        for moment in at:
            story.act(moment, "use", mail(NORA), executor=mail(NORA))
        for moment in ("2026-01-02T09:00:00Z", LAST):
            story.act(moment, "use", mail("olga.kern"), "reporting-viewer", executor=mail("olga.kern"))
        return story

    yield weak(
        "unused-unreviewed",
        "Used once in February and never again; two reviews kept it all the same.",
        used("2026-02-04T09:00:00Z"),
        "Rule 5: the access was right; it lay idle for a whole review interval.",
        change("It was used again in April and in July.", {"file": LOG, "add": {"at": "2026-04-20T09:00:00Z", "action": "use", "system": "erp",
               "account": mail(NORA), "entitlement": "gl-poster", "executor": mail(NORA), "outcome": "success"}},
               {"file": LOG, "add": {"at": "2026-07-10T09:00:00Z", "action": "use", "system": "erp",
               "account": mail(NORA), "entitlement": "gl-poster", "executor": mail(NORA), "outcome": "success"}}, verdict="conforming"),
        owner_of("review"),
    )  # fmt: skip
    yield right(
        "unused-unreviewed-lookalike-not-logged",
        "No log tells who used what, so nothing says that it was not used.",
        reviewed(*times),
        "Where no source in evidence logs uses of a system, its uses are null, never 0.",
        change("Uses are logged, and there is none of hers.",
               {"file": LOG, "add": {"at": "2026-01-02T09:00:00Z", "action": "use", "system": "erp", "account": mail("olga.kern"),
               "entitlement": "reporting-viewer", "executor": mail("olga.kern"), "outcome": "success"}},
               verdict="control-weakness", mode="unused-unreviewed"),
    )  # fmt: skip


def _governance() -> Iterator[Golden]:
    def seat(since: str) -> Story:
        story = ruled(owner=None)
        return story.control(
            "RUL-01", "rule", {"owner": mail("erp-apps"), "role": "ERP", "from": since, "to": None}
        )

    yield weak(
        "unowned-control",
        "Nobody owned the rule; and the seat of the control that should have seen to it was empty until March.",
        seat("2026-03-01"),
        "The empty seat is a finding of its own beside the one that failed; the process owner stands in for the rule.",
        change(
            "The rule had an owner.",
            row(REGISTER, {"id": "R-ERP"}, owner=mail("erp-apps")),
            verdict="conforming",
        ),
        owner_of("request"),
        owner_basis="derived",
        includes=["unowned-control"],
        more={
            "root": {
                "class": "decision",
                "mode": "unowned-rule",
                "owner": owner_of("request"),
                "owner_basis": "derived",
            }
        },
    )
    yield right(
        "unowned-control-lookalike-filled-that-day",
        "The seat was filled at the very second of the grant.",
        seat("2026-02-03T09:00:00Z"),
        "Owners as of the failure, to the instant; the first one counts.",
        change("It was filled a second later.", {"file": REGISTER, "replace": "2026-02-03T09:00:00Z", "with": "2026-02-03T09:00:01Z"},
               verdict="control-weakness", mode="unowned-rule", owner=owner_of("request")),
        verdict="control-weakness",
        mode="unowned-rule",
        klass="decision",
        owner=owner_of("rule"),
        excludes=["unowned-control"],
    )  # fmt: skip
