"""Golden cases of delivery: what was provisioned, by whom, and whether that is what was decided."""

from collections.abc import Iterator
from typing import Any

from tests.stories import Golden, change
from tests.story import Story, mail, owner_of

ASKED, APPROVED, GRANTED = "2026-02-02T09:00:00Z", "2026-02-02T15:00:00Z", "2026-02-03T08:00:00Z"
SINCE = "2026-02-03T08:00:00.000Z"
LAST = "2026-04-30T08:00:00Z"
RULE = 'identity.department == "Finance"'
LOG = "provisioning.jsonl"
WEAK = "control-weakness"
WRONG = "wrong-access"


def asked(**more: Any) -> Story:
    """Nora asked for gl-poster and her lead approved; the ticket export covers the first quarter."""
    story = (
        Story()
        .role(approval="required", provisioners=["desk-bot", "erp-engine"])
        .authority("grace.lindt", "gl-*")
    )
    story.person("nora.weber").person("grace.lindt").ticket_export("2026-01-05T09:00:00Z", LAST)
    return story.ticket("ACC-1", "nora.weber", ASKED, **({"approved": [("grace.lindt", APPROVED)]} | more))


def delivered(**more: Any) -> Story:
    """The same, delivered as asked for unless said otherwise."""
    return asked().grant(GRANTED, "nora.weber", **({"ticket": "ACC-1"} | more)).until(LAST)


def wrong(name: str, tells: str, story: Story, reasoning: str, flip: dict[str, Any], **more: Any) -> Golden:
    """Access that delivery made wrong from the start."""
    values = {
        "mode": name,
        "klass": "execution",
        "owner": owner_of("provisioning"),
        "since": SINCE,
        "identity": "nora.weber",
    } | more
    return Golden(
        name=name, tells=tells, story=story, reasoning=reasoning, flip=flip, verdict=WRONG, **values
    )


def right(name: str, tells: str, story: Story, reasoning: str, flip: dict[str, Any], **more: Any) -> Golden:
    """A look-alike: nothing was wrong, or something else."""
    values = {"verdict": "conforming", "identity": "nora.weber"} | more
    return Golden(name=name, tells=tells, story=story, reasoning=reasoning, flip=flip, **values)


def cases() -> Iterator[Golden]:
    """The cases, each followed by its look-alikes."""
    yield from _no_decision()
    yield from _order_of_decision_and_delivery()
    yield from _what_was_delivered()
    yield from _rules()
    yield from _executors()
    yield from _verification()
    yield from _logging()


def _no_decision() -> Iterator[Golden]:
    bare = Story().role(approval="required").person("nora.weber").ticket_export("2026-01-05T09:00:00Z", LAST)
    ticket = change("The ticket system is another one, whose export nobody handed in.",
                    {"file": LOG, "where": {"account": mail("nora.weber")}, "set": {"ticket": "RITM0010023"}},
                    verdict="undetermined")  # fmt: skip
    yield wrong(
        "no-decision",
        "Somebody granted it by hand; nobody had asked, and the ticket export covers the time.",
        bare.grant(GRANTED, "nora.weber").until(LAST),
        "Rule 1: no rule, approval or exception stands behind it, with evidence for the period at hand.",
        ticket,
    )
    story = asked(declined=[("grace.lindt", APPROVED)], approved=[]).grant(GRANTED, "nora.weber")
    yield Golden(
        "no-decision-lookalike-denied",
        "No approval either, but somebody did decide: the request was declined and delivered all the same.",
        story.until(LAST),
        "nora.weber",
        WRONG,
        "provisioned-after-denial answers in no-decision's stead.",
        change(
            "It was approved.",
            {"file": "jira.json", "replace": "declined", "with": "approved"},
            verdict="conforming",
        ),
        mode="provisioned-after-denial",
        klass="execution",
        owner=owner_of("provisioning"),
        since=SINCE,
        excludes=["no-decision"],
    )


def _order_of_decision_and_delivery() -> Iterator[Golden]:
    early = "2026-02-02T14:59:59Z"
    yield wrong(
        "provisioned-before-approval",
        "Delivered one second before the approval.",
        asked().grant(early, "nora.weber", ticket="ACC-1").until(LAST),
        "Rule 1: the approval came after the delivery.",
        change(
            "Delivered at the very instant of the approval.",
            {"file": LOG, "replace": early, "with": APPROVED},
            verdict="conforming",
        ),
        since="2026-02-02T14:59:59.000Z",
        excludes=["no-decision", "provisioned-after-denial"],
    )
    zoned = "2026-02-02T16:30:00+02:00"
    yield right(
        "provisioned-before-approval-lookalike-zones",
        "The log's clock shows a later hour, in another zone; it was delivered half an hour after the approval.",
        asked(approved=[("grace.lindt", "2026-02-02T09:00:00-05:00")])
        .grant(zoned, "nora.weber", ticket="ACC-1")
        .until(LAST),
        "14:00Z approved, 14:30Z delivered.",
        change(
            "The log's times were those of a zone one hour further east.",
            {"file": LOG, "replace": zoned, "with": "2026-02-02T15:30:00+02:00"},
            verdict=WRONG,
            mode="provisioned-before-approval",
        ),
        excludes=["provisioned-before-approval"],
    )
    yield wrong(
        "provisioned-after-denial",
        "The request had lapsed: it was delivered more than two weeks after its approval.",
        asked().grant("2026-02-16T15:00:00.001Z", "nora.weber", ticket="ACC-1").until(LAST),
        "Rule 1: not delivered within request_window of its approval.",
        change(
            "The window was three weeks.",
            {"file": "register.yaml", "replace": "P14D", "with": "P21D"},
            verdict="conforming",
        ),
        since="2026-02-16T15:00:00.001Z",
        excludes=["no-decision"],
    )
    story = asked(history=[("2026-02-10T09:00:00Z", "nora.weber", "Cancelled")])
    yield right(
        "provisioned-after-denial-lookalike-cancelled-later",
        "The request was cancelled only after it had been delivered.",
        story.grant(GRANTED, "nora.weber", ticket="ACC-1").until(LAST),
        "At the delivery the request was approved; what was cancelled later is another matter than this delivery.",
        change(
            "It was cancelled in the night before the delivery.",
            {"file": "jira.json", "replace": "2026-02-10T09:00:00Z", "with": "2026-02-02T23:00:00Z"},
            verdict=WRONG,
            mode="provisioned-after-denial",
        ),
        excludes=["provisioned-after-denial", "no-decision"],
    )


def _what_was_delivered() -> Iterator[Golden]:
    yield wrong(
        "wrong-entitlement",
        "Asked for and approved was the viewer, delivered the poster.",
        asked(entitlement="gl-viewer").grant(GRANTED, "nora.weber", ticket="ACC-1").until(LAST),
        "Rule 1: the delivered entitlement is not the decided one.",
        change(
            "Delivered was the viewer, under a name written otherwise.",
            {"file": LOG, "where": {"account": mail("nora.weber")}, "set": {"entitlement": "GL-Viewer"}},
            verdict="conforming",
            query={"entitlement": "gl-viewer"},
        ),
        excludes=["scope-exceeds-approval", "no-decision"],
    )
    yield right(
        "wrong-entitlement-lookalike-case",
        "The ticket writes the entitlement in capitals.",
        asked(entitlement="GL-POSTER").grant(GRANTED, "nora.weber", ticket="ACC-1").until(LAST),
        "Names compare case-folded.",
        change(
            "The ticket was for another entitlement.",
            {"file": "jira.json", "replace": "GL-POSTER", "with": "GL-VIEWER"},
            verdict=WRONG,
            mode="wrong-entitlement",
        ),
        excludes=["wrong-entitlement"],
    )
    story = asked().person("nora.webb").grant(GRANTED, "nora.webb", ticket="ACC-1")
    yield wrong(
        "wrong-subject",
        "Asked for Nora Weber, delivered to Nora Webb.",
        story.until(LAST),
        "Rule 1: someone other than the decided beneficiary got it.",
        change(
            "It was delivered to whom it was for.",
            {"file": LOG, "where": {"account": mail("nora.webb")}, "set": {"account": mail("nora.weber")}},
            verdict="conforming",
            query={"identity": mail("nora.weber")},
        ),
        identity="nora.webb",
        excludes=["no-decision", "unauthorised-executor"],
    )
    story = asked().identity(mail("nora.weber"), "human", accounts=[{"system": "erp", "name": "NWEBER"}])
    yield right(
        "wrong-subject-lookalike-login",
        "The log knows her by a login that the register joins to her.",
        story.act(GRANTED, "grant", "nweber", ticket="ACC-1").until(LAST),
        "Two names of one identity.",
        change(
            "The login was somebody else's.",
            {"file": "register.yaml", "replace": "NWEBER", "with": "MWEBER"},
            verdict=WRONG,
            mode="wrong-subject",
            query={"identity": "nweber"},
        ),
        excludes=["wrong-subject"],
    )
    yield wrong(
        "scope-exceeds-approval",
        "Approved for two ledgers, delivered for all that begin alike.",
        asked(scope="ledger-1*, ledger-20")
        .grant(GRANTED, "nora.weber", ticket="ACC-1", scope="ledger-1?,ledger-2*")
        .until(LAST),
        "Rule 1: ledger-21 is matched by the delivered scope and not by the decided one.",
        change(
            "Approved for all that begin with ledger-2 as well.",
            {"file": "jira.json", "replace": "ledger-20", "with": "ledger-2*"},
            verdict="conforming",
        ),
        excludes=["wrong-entitlement"],
    )
    yield right(
        "scope-exceeds-approval-lookalike-narrower",
        "Delivered was one ledger of those that were approved.",
        asked(scope="ledger-*").grant(GRANTED, "nora.weber", ticket="ACC-1", scope="ledger-7").until(LAST),
        "Narrower is no finding.",
        change(
            "Delivered without any scope, which means everything.",
            {"file": LOG, "where": {"scope": "ledger-7"}, "set": {"scope": None}},
            verdict=WRONG,
            mode="scope-exceeds-approval",
        ),
        excludes=["scope-exceeds-approval"],
    )
    until = "2026-06-30T00:00:00Z"
    yield wrong(
        "expiry-dropped",
        "Approved until the end of June, delivered without an end.",
        asked(expires_at=until).grant(GRANTED, "nora.weber", ticket="ACC-1").until(LAST),
        "Rule 1: the decided end was not delivered.",
        change(
            "It was delivered with that end, written in another zone.",
            {
                "file": LOG,
                "where": {"account": mail("nora.weber")},
                "set": {"expires_at": "2026-06-30T02:00:00+02:00"},
            },
            verdict="conforming",
        ),
        excludes=["expiry-not-enforced"],
    )
    yield right(
        "expiry-dropped-lookalike-earlier",
        "Delivered with an end before the approved one.",
        asked(expires_at=until)
        .grant(GRANTED, "nora.weber", ticket="ACC-1", expires_at="2026-06-01")
        .until(LAST),
        "An earlier end drops nothing.",
        change(
            "Delivered with a later end.",
            {"file": LOG, "replace": "2026-06-01", "with": "2026-07-01"},
            verdict=WRONG,
            mode="expiry-dropped",
        ),
        excludes=["expiry-dropped"],
    )


def _rules() -> Iterator[Golden]:
    def by_rule(version: int = 1, department: str = "Finance", held: str = "Finance") -> Story:
        story = Story().role(eligible=None).person("nora.weber", department=held)
        story.rule(RULE, to="2026-01-20").rule(RULE, version=2, **{"from": "2026-01-20"})
        inputs = {"department": department}
        story.grant(GRANTED, "nora.weber", rule="R-ERP", rule_version=version, inputs=inputs)
        return story.until(LAST)

    yield wrong(
        "rule-not-satisfied",
        "The engine granted although its own rule is false on the inputs that it wrote down.",
        by_rule(2, "Sales", "Sales"),
        "Rule 1: the rule in the version logged is false on the inputs logged.",
        change(
            "The rule was for Sales.",
            {"file": "register.yaml", "replace": '"Finance"', "with": '"Sales"'},
            verdict="conforming",
        ),
        excludes=["stale-rule", "wrong-attribute", "stale-copy"],
    )
    yield Golden(
        "rule-not-satisfied-lookalike-stale-copy",
        "The rule is true on the logged inputs, only that no source held them.",
        by_rule(2, "Finance", "Sales"),
        "nora.weber",
        WRONG,
        "Rule 2: the decision used a value that no authoritative source held.",
        change(
            "The source held it too.",
            {"file": "source-data.csv", "replace": "Sales", "with": "Finance"},
            verdict="conforming",
        ),
        mode="stale-copy",
        klass="source-data",
        owner=owner_of("source-data"),
        since=SINCE,
        excludes=["rule-not-satisfied"],
    )
    yield wrong(
        "stale-rule",
        "Two weeks after version 2 came into force the engine still applied version 1.",
        by_rule(1),
        "Rule 1: a rule version was applied that was not in force.",
        change(
            "Version 1 was in force until the end of February.",
            {
                "file": "register.yaml",
                "where": {"id": "R-ERP", "version": 1},
                "set": {"to": "2026-02-28"},
            },
            verdict="conforming",
        ),
        excludes=["rule-not-satisfied", "wrong-attribute"],
    )
    story = Story().role(eligible=None).person("nora.weber").rule(RULE, to=SINCE)
    story.rule(RULE, version=2, **{"from": "2026-02-03T09:00:00+01:00"})
    story.grant(GRANTED, "nora.weber", rule="R-ERP", rule_version=2, inputs={"department": "Finance"})
    yield right(
        "stale-rule-lookalike-first-instant",
        "Granted at the very instant at which version 2 came into force.",
        story.until(LAST),
        "Time limits include their first instant.",
        change(
            "It was version 1, whose last instant this is.",
            {"file": LOG, "where": {"rule_version": 2}, "set": {"rule_version": 1}},
            verdict=WRONG,
            mode="stale-rule",
        ),
        excludes=["stale-rule"],
    )

    def by_template(*given: str) -> Story:
        """The template of clerks gave gl-poster until the end of January; the engine never logs which version it applies."""
        story = Story().role(eligible=None).person("nora.weber")
        for version, names in ((1, ["gl-poster", "gl-reader"]), (2, list(given))):
            grants = [{"system": "erp", "entitlement": name} for name in names]
            times = {"to": "2026-02-01"} if version == 1 else {"from": "2026-02-01"}
            story.rule(RULE, "T-CLERK", version, grants=grants, **times)
        story.grant(GRANTED, "nora.weber", rule="T-CLERK", inputs={"department": "Finance"})
        return story.until(LAST)

    yield wrong(
        "stale-rule-through-template",
        "Since February the template of clerks no longer gives gl-poster; the engine delivered it two days later.",
        by_template("gl-reader"),
        "Rule 1: what was delivered is what only the version gives that was no longer in force.",
        change(
            "It was delivered on the last day of version 1.",
            {"file": LOG, "replace": GRANTED, "with": "2026-01-31T08:00:00Z"},
            verdict="conforming",
        ),
        mode="stale-rule",
        excludes=["wrong-entitlement", "rule-not-satisfied"],
    )
    yield right(
        "stale-rule-lookalike-new-in-template",
        "Which version was applied is not logged, but only the one in force gives gl-viewer.",
        by_template("gl-reader", "gl-viewer").grant(
            "2026-02-04T08:00:00Z", "nora.weber", "gl-viewer", rule="T-CLERK", inputs={"department": "Finance"}
        ),
        "What was delivered tells the version.",
        change(
            "It came with version 3, which is not in force before May.",
            {"file": "register.yaml", "where": {"id": "T-CLERK", "version": 2}, "set": {"version": 3, "from": "2026-05-01"}},
            verdict=WRONG,
            mode="stale-rule",
        ),
        entitlement="gl-viewer",
        excludes=["stale-rule", "wrong-entitlement"],
    )  # fmt: skip


def _executors() -> Iterator[Golden]:
    yield wrong(
        "unauthorised-executor",
        "An administrator delivered what was approved, past the desk that may.",
        delivered(executor=mail("ulf.brandt")),
        "Rule 1: the principal that provisioned it is no permitted provisioner.",
        change(
            "The catalogue names him.",
            {"file": "register.yaml", "replace": "- erp-engine", "with": f"- {mail('ulf.brandt')}"},
            verdict="conforming",
        ),
        excludes=["no-decision", "self-service-bypass"],
    )
    story = delivered(executor="svc-desk-7")
    story.register["identities"] = [one for one in story.register["identities"] if one["id"] != "desk-bot"]
    story.identity(
        "desk-bot", "workload", owner="platform", accounts=[{"system": "erp", "name": "SVC-DESK-7"}]
    )
    yield right(
        "unauthorised-executor-lookalike-account",
        "The log names an account of the permitted provisioner, not the provisioner.",
        story,
        "The identity at the start of the chain is named in provisioners.",
        change(
            "The account belonged to nobody known.",
            {"file": "register.yaml", "replace": "SVC-DESK-7", "with": "SVC-DESK-8"},
            verdict=WRONG,
            mode="unauthorised-executor",
        ),
        excludes=["unauthorised-executor"],
    )
    separate = delivered(executor=mail("grace.lindt"))
    separate.register["roles"] = []
    separate.role(approval="required").policy(separate_delivery="required")
    yield Golden(
        "approver-executed",
        "The lead who approved it also delivered it.",
        separate,
        "nora.weber",
        WEAK,
        "Rule 5: right, but approval and delivery were not separated.",
        change(
            "Her deputy delivered it.",
            {
                "file": LOG,
                "where": {"executor": mail("grace.lindt")},
                "set": {"executor": mail("ulf.brandt")},
            },
            verdict="conforming",
        ),
        mode="approver-executed",
        klass="execution",
        owner=owner_of("provisioning"),
    )
    story = delivered(executor=mail("grace.lindt"))
    story.register["roles"] = []
    yield right(
        "approver-executed-lookalike-no-policy",
        "The lead delivered it herself, and no policy forbids that.",
        story.role(approval="required"),
        "Not applicable unless policy.separate_delivery is required.",
        change(
            "The policy asks for it.",
            {
                "file": "register.yaml",
                "where": {"request_window": "P14D"},
                "set": {"separate_delivery": "required"},
            },
            verdict=WEAK,
            mode="approver-executed",
        ),
        excludes=["approver-executed"],
    )


def _verification() -> Iterator[Golden]:
    def checked(at: str, **more: Any) -> Story:
        story = delivered(**more).policy(verification_window="PT24H")
        story.act(
            "2026-01-05T08:00:00Z", "verify", mail("otto.kern"), "reporting-viewer", executor="desk-bot"
        )
        story.act(LAST, "verify", mail("otto.kern"), "reporting-viewer", executor="desk-bot")
        return story.act(at, "verify", mail("nora.weber"), executor="desk-bot")

    yield Golden(
        "not-verified",
        "Verified one instant too late: the window does not include its last.",
        checked("2026-02-04T08:00:00Z"),
        "nora.weber",
        WEAK,
        "Rule 5: not compared within verification_window; the access itself was right.",
        change(
            "A second earlier.",
            {"file": LOG, "replace": "2026-02-04T08:00:00Z", "with": "2026-02-04T07:59:59Z"},
            verdict="conforming",
        ),
        mode="not-verified",
        klass="execution",
        owner=owner_of("verification"),
    )
    story = delivered().policy(verification_window="PT24H")
    yield right(
        "not-verified-lookalike-no-records",
        "No verification of anything is in evidence: whether there was one is not known.",
        story,
        "no-evidence of a failed-to-stop check accuses nobody.",
        change(
            "Records of verification cover that time.",
            *(
                {"file": LOG, "add": {"at": at, "action": "verify", "system": "erp", "account": mail("otto.kern"),
                                      "entitlement": "reporting-viewer", "executor": "desk-bot"}}
                for at in ("2026-01-05T08:00:00Z", LAST)
            ),
            verdict=WEAK,
            mode="not-verified",
        ),
        excludes=["not-verified"],
        more={"missing_includes": ["verification records of erp"]},
    )  # fmt: skip
    yield Golden(
        "verified-wrong",
        "Delivered without the approved end, and the check passed it all the same.",
        asked(expires_at="2026-06-30T00:00:00Z")
        .grant(GRANTED, "nora.weber", ticket="ACC-1")
        .act("2026-02-03T09:00:00Z", "verify", mail("nora.weber"), executor="checker")
        .until(LAST),
        "nora.weber",
        WRONG,
        "The delivery is the root; the verification failed to stop it.",
        change(
            "The check noticed it.",
            {"file": LOG, "where": {"action": "verify"}, "set": {"outcome": "failure"}},
            verdict=WRONG,
            mode="scope-exceeds-approval",
        )
        | {
            "why": "The ticket was for another entitlement, and the check had not happened.",
            "edits": [
                {"file": LOG, "where": {"action": "verify"}, "drop": True},
                {"file": "jira.json", "replace": "gl-poster", "with": "gl-viewer"},
            ],
            "expect": {"verdict": WRONG, "mode": "wrong-entitlement"},
        },
        mode="expiry-dropped",
        klass="execution",
        owner=owner_of("provisioning"),
        includes=["verified-wrong"],
        since=SINCE,
    )
    yield right(
        "verified-wrong-lookalike-failed-check",
        "Delivered without the approved end; the check said so, and it was taken back within the hour.",
        asked(expires_at="2026-06-30T00:00:00Z")
        .grant(GRANTED, "nora.weber", ticket="ACC-1")
        .act("2026-02-03T09:00:00Z", "verify", mail("nora.weber"), executor="checker", outcome="failure")
        .act("2026-02-03T09:30:00Z", "revoke", mail("nora.weber"))
        .until(LAST),
        "A verification that fails passes nothing.",
        change(
            "It was delivered with its end.",
            {"file": LOG, "where": {"action": "grant"}, "set": {"expires_at": "2026-06-30"}},
            verdict="conforming",
        ),
        verdict=WRONG,
        mode="expiry-dropped",
        klass="execution",
        owner=owner_of("provisioning"),
        excludes=["verified-wrong"],
    )

    def removed(**more: Any) -> Story:
        story = checked("2026-02-03T09:00:00Z", **more).policy(verify_removals="required")
        return story.act("2026-03-10T08:00:00Z", "revoke", mail("nora.weber"))

    yield Golden(
        "removal-not-verified",
        "Revoked in March; nobody looked whether it was gone.",
        removed(),
        "nora.weber",
        WEAK,
        "Rule 5: a revocation was not checked within verification_window.",
        change(
            "Somebody looked an hour later.",
            {"file": LOG, "add": {"at": "2026-03-10T09:00:00Z", "action": "verify", "system": "erp",
                                  "account": mail("nora.weber"), "entitlement": "gl-poster", "executor": "desk-bot"}},
            verdict="conforming",
        ),
        mode="removal-not-verified",
        klass="execution",
        owner=owner_of("verification"),
        excludes=["not-verified"],
    )  # fmt: skip
    yield right(
        "removal-not-verified-lookalike-expired",
        "It ended by its end date; nothing was revoked.",
        checked("2026-02-03T09:00:00Z", expires_at="2026-03-10").policy(verify_removals="required"),
        "Only revocations are to be checked.",
        change(
            "It was revoked before its end.",
            {"file": LOG, "add": {"at": "2026-03-01T08:00:00Z", "action": "revoke", "system": "erp",
                                  "account": mail("nora.weber"), "entitlement": "gl-poster", "executor": "desk-bot"}},
            verdict=WEAK,
            mode="removal-not-verified",
        ),
        excludes=["removal-not-verified"],
    )  # fmt: skip


def _logging() -> Iterator[Golden]:
    def unlogged(story: Story) -> Story:
        story.grant("2026-01-07T08:00:00Z", "grace.lindt", "reporting-viewer", rule="R-VIEW")
        return story.held("2026-02-15T00:00:00Z", "nora.weber").until(LAST)

    bare = Story().role(approval="required").person("nora.weber").ticket_export("2026-01-05T09:00:00Z", LAST)
    yield Golden(
        "unlogged-grant",
        "In February the system says that she holds it; the log, which covers all that time, has no grant.",
        unlogged(bare),
        "nora.weber",
        WRONG,
        "Held with no grant in covered logs, and nobody decided: no-decision is the root.",
        change(
            "She had asked, and it was approved.",
            {"file": "jira.json", "where": {"key": "ACC-900"}, "set": {
                "fields.created": "2026-02-10T09:00:00Z",
                "fields.customfield_10101": {"emailAddress": mail("nora.weber")},
                "fields.customfield_10103": {"value": "gl-poster"},
                "fields.customfield_10049.0.finalDecision": "approved",
                "fields.customfield_10049.0.approvers.0.approverDecision": "approved",
                "fields.customfield_10049.0.completedDate.epochMillis": 1770804000000}},
            verdict="undetermined",
        )
        | {
            "why": "The log begins only after she was first seen with it.",
            "edits": [{"file": LOG, "where": {"entitlement": "reporting-viewer", "action": "grant"},
                       "set": {"at": "2026-02-20T08:00:00Z"}}],
            "expect": {"verdict": "undetermined", "mode": None},
        },
        mode="no-decision",
        klass="execution",
        owner=owner_of("provisioning"),
        includes=["unlogged-grant"],
        excludes=["unauthorised-executor"],
        since="2026-02-15T00:00:00.000Z",
    )  # fmt: skip
    yield Golden(
        "unlogged-grant-lookalike-another-name",
        "The snapshot calls her account by her e-mail, the log by her login.",
        unlogged(
            asked()
            .identity(mail("nora.weber"), "human", accounts=[{"system": "erp", "name": "nweber"}])
            .act(GRANTED, "grant", "nweber", ticket="ACC-1")
        ),
        "nora.weber",
        "conforming",
        "A name that no log knows means the account through which she was granted it.",
        change(
            "The log's grant was somebody else's.",
            {"file": LOG, "where": {"account": "nweber"}, "set": {"account": "mweber"}},
            verdict=WRONG,
            mode="no-decision",
        ),
        excludes=["unlogged-grant"],
    )
