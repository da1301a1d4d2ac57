"""Golden cases of ends: access that was right at first and should have been taken away, checked or renewed."""

from collections.abc import Iterator
from typing import Any

from tests.stories import Golden, change
from tests.stories.execution import GRANTED, LAST, LOG, WEAK, WRONG, asked, delivered
from tests.story import Story, mail, owner_of

ELIGIBLE = 'identity.department == "Finance" && identity.status == "active"'
MOVED = "2026-03-02T00:00:00Z"
NORA = mail("nora.weber")


def eligible() -> Story:
    """Asked and approved under a catalogue row that says who may hold it."""
    story = asked()
    story.register["roles"] = []
    return story.role(eligible=ELIGIBLE, approval="required", provisioners=["desk-bot", "erp-engine"])


def held() -> Story:
    """Delivered under it, right at first."""
    return eligible().grant(GRANTED, "nora.weber", ticket="ACC-1")


def revoked(at: str, account: str = NORA, **more: str) -> dict[str, object]:
    """An edit that adds a revocation."""
    line = {"at": at, "action": "revoke", "system": "erp", "account": account, "entitlement": "gl-poster"}
    return {"file": LOG, "add": line | {"executor": "desk-bot"} | more}


def cases() -> Iterator[Golden]:
    """The cases, each followed by its look-alikes."""
    yield from _ends()
    yield from _revocations()
    yield from _nested_groups()
    yield from _exceptions()
    yield from _credentials()


def _ends() -> Iterator[Golden]:
    end = "2026-03-01T00:00:00Z"
    used = "2026-03-20T10:00:00Z"

    def limited() -> Story:
        return asked(expires_at=end).grant(GRANTED, "nora.weber", ticket="ACC-1", expires_at=end)

    story = limited().act(used, "use", NORA, executor=NORA).until(LAST)
    yield Golden(
        "expiry-not-enforced",
        "It was to end on the first of March; she used it on the twentieth.",
        story,
        "nora.weber",
        WRONG,
        "Rule 4: the access outlived its end date, as the use shows.",
        change("She used it before the end.", {"file": LOG, "replace": used, "with": "2026-02-20T10:00:00Z"}, verdict="conforming"),
        mode="expiry-not-enforced",
        klass="execution",
        owner=owner_of("expiry"),
        since="2026-03-01T00:00:00.000Z",
        excludes=["expiry-dropped", "revocation-missed"],
    )  # fmt: skip
    story = limited().ticket(
        "ACC-2", "nora.weber", "2026-03-10T09:00:00Z", [("grace.lindt", "2026-03-10T12:00:00Z")]
    )
    story.grant("2026-03-11T08:00:00Z", "nora.weber", ticket="ACC-2").act(used, "use", NORA, executor=NORA)
    yield Golden(
        "expiry-not-enforced-lookalike-granted-again",
        "It ended on the first of March and was granted again on the eleventh; the use on the twentieth shows nothing of the first.",
        story.until(LAST),
        "nora.weber",
        "conforming",
        "A use after a later grant of the same entitlement shows nothing of the earlier one.",
        change("The second grant never was; nor was its request.",
               {"file": LOG, "where": {"ticket": "ACC-2"}, "drop": True}, {"file": "jira.json", "where": {"key": "ACC-2"}, "drop": True},
               verdict=WRONG, mode="expiry-not-enforced"),
        excludes=["expiry-not-enforced"],
    )  # fmt: skip
    prolonged = limited().ticket(
        "ACC-2", "nora.weber", "2026-02-20T09:00:00Z", [("grace.lindt", "2026-02-21T09:00:00Z")]
    )
    prolonged.act("2026-02-24T08:00:00Z", "extend", NORA, ticket="ACC-2", expires_at="2026-06-30")
    yield Golden(
        "expiry-not-enforced-lookalike-extended",
        "Before its end it was extended, as a request approved before that had asked.",
        prolonged.act(used, "use", NORA, executor=NORA).until(LAST),
        "nora.weber",
        "conforming",
        "An extension with an approved request decided before it moves the end.",
        change("Nothing was extended, nor had anybody asked.",
               {"file": LOG, "where": {"action": "extend"}, "drop": True}, {"file": "jira.json", "where": {"key": "ACC-2"}, "drop": True},
               verdict=WRONG, mode="expiry-not-enforced"),
        excludes=["expiry-not-enforced"],
    )  # fmt: skip


def _revocations() -> Iterator[Golden]:
    story = held().fact("nora.weber", "department", "Sales", MOVED, "2026-02-25T09:00:00Z").until(LAST)
    yield Golden(
        "revocation-missed",
        "She moved to Sales in March, entered in time; nobody took the access away.",
        story,
        "nora.weber",
        WRONG,
        "Rule 4: not revoked within revocation_sla after the source recorded the move.",
        change("It was revoked at the last instant that is in time.", revoked("2026-03-03T00:00:00Z"), verdict="conforming"),
        mode="revocation-missed",
        klass="execution",
        owner=owner_of("revocation"),
        since="2026-03-02T00:00:00.000Z",
        excludes=["late-update", "wrong-attribute", "policy-ineligible", "revocation-incomplete"],
    )  # fmt: skip
    story = held().fact("nora.weber", "department", "Sales", MOVED, "2026-02-25T09:00:00Z")
    story.act("2026-03-02T18:00:00Z", "disable", NORA, None, executor="desk-bot").until(LAST)
    yield Golden(
        "revocation-missed-lookalike-disabled",
        "Nothing was revoked, but the whole account was disabled within the day.",
        story,
        "nora.weber",
        "conforming",
        "A disabled account that is never enabled again holds nothing.",
        change("The account was enabled again a week later.",
               {"file": LOG, "add": {"at": "2026-03-09T08:00:00Z", "action": "enable", "system": "erp", "account": NORA,
                                     "entitlement": None, "executor": "desk-bot"}},
               verdict=WRONG, mode="revocation-missed"),
        excludes=["revocation-missed"],
    )  # fmt: skip
    story = held().fact("nora.weber", "department", "Sales", MOVED, "2026-02-25T09:00:00Z")
    story.held("2026-02-28T06:00:00Z", "nora.weber").held(
        "2026-04-01T06:00:00Z", "otto.kern", "reporting-viewer"
    )
    yield Golden(
        "revocation-missed-lookalike-gone-from-snapshot",
        "No revocation is logged, but the snapshot of April no longer has it: it ended at an unknown time since February.",
        story.until(LAST),
        "nora.weber",
        "undetermined",
        "Whether it ended in time is not known, so nobody is accused.",
        change("She used it a week after the move.",
               {"file": LOG, "add": {"at": "2026-03-09T08:00:00Z", "action": "use", "system": "erp", "account": NORA,
                                     "entitlement": "gl-poster", "executor": NORA}},
               verdict=WRONG, mode="revocation-missed"),
        excludes=["revocation-missed", "unlogged-grant"],
        more={"missing_includes": ["when gl-poster was taken"]},
    )  # fmt: skip

    def twice() -> Story:
        story = held().identity(NORA, "human", accounts=[{"system": "erp", "name": "nweber-adm"}])
        story.ticket("ACC-2", "nora.weber", "2026-02-04T09:00:00Z", [("grace.lindt", "2026-02-04T12:00:00Z")])
        story.act("2026-02-05T08:00:00Z", "grant", "nweber-adm", ticket="ACC-2")
        return story.fact("nora.weber", "status", "inactive", MOVED, "2026-02-25T09:00:00Z")

    yield Golden(
        "revocation-incomplete",
        "When she left, her account lost it within the hour; her second account kept it.",
        twice().act("2026-03-02T00:30:00Z", "revoke", NORA).until(LAST),
        "nora.weber",
        WRONG,
        "Rule 4: after the leave one path was ended and another left that gives the same entitlement.",
        change("The second account was disabled with it.",
               {"file": LOG, "add": {"at": "2026-03-02T01:00:00Z", "action": "disable", "system": "erp", "account": "nweber-adm",
                                     "entitlement": None, "executor": "desk-bot"}},
               verdict="conforming"),
        mode="revocation-incomplete",
        klass="execution",
        owner=owner_of("revocation"),
        since="2026-03-02T00:00:00.000Z",
        excludes=["revocation-missed"],
    )  # fmt: skip
    yield Golden(
        "revocation-incomplete-lookalike-none-ended",
        "She left, and neither of her two accounts lost it.",
        twice().until(LAST),
        "nora.weber",
        WRONG,
        "No path was ended, so none was left over: the revocation as a whole was missed.",
        change("One of them lost it in time.", revoked("2026-03-02T08:00:00Z"), verdict=WRONG, mode="revocation-incomplete"),
        mode="revocation-missed",
        klass="execution",
        owner=owner_of("revocation"),
        excludes=["revocation-incomplete"],
    )  # fmt: skip


def _nested_groups() -> Iterator[Golden]:
    """She holds it herself and through the group of clerks, who are in the group of posters; she moves to Sales."""
    engine: dict[str, Any] = {
        "rule": "R-GROUPS",
        "rule_version": 1,
        "inputs": {"name": "any"},
        "executor": "erp-engine",
    }

    def clerk() -> Story:
        story = held().rule("true", "R-GROUPS", grants=[{"system": "erp", "entitlement": "*"}])
        for group in ("erp-clerks", "erp-posters"):
            story.identity(group, "group", accounts=[{"system": "erp", "name": group}])
        story.act("2026-01-12T08:00:00Z", "grant", "erp-posters", "gl-poster", **engine)
        story.act("2026-01-12T08:05:00Z", "grant", "erp-clerks", "erp-posters", **engine)
        story.authority("grace.lindt", "erp-*").ticket(
            "ACC-2", "nora.weber", "2026-02-04T09:00:00Z", [("grace.lindt", "2026-02-04T12:00:00Z")], entitlement="erp-clerks"
        )  # fmt: skip
        story.grant("2026-02-05T08:00:00Z", "nora.weber", "erp-clerks", ticket="ACC-2")
        story.fact("nora.weber", "department", "Sales", MOVED, "2026-02-25T09:00:00Z")
        return story.act("2026-03-02T00:30:00Z", "revoke", NORA, ticket="ACC-1")

    yield Golden(
        "revocation-incomplete-through-nested-groups",
        "When she moved, what she held herself was taken; the group of clerks, inside the group of posters, still gave it.",
        clerk().until(LAST),
        "nora.weber",
        WRONG,
        "Rule 4: one path to the entitlement was ended and another left, through a group inside a group.",
        change("She was taken out of the clerks with it.",
               {"file": LOG, "add": {"at": "2026-03-02T01:00:00Z", "action": "revoke", "system": "erp", "account": NORA,
                                     "entitlement": "erp-clerks", "executor": "desk-bot", "ticket": "ACC-2"}},
               verdict="conforming"),
        mode="revocation-incomplete",
        klass="execution",
        owner=owner_of("revocation"),
        since="2026-03-02T00:00:00.000Z",
        excludes=["revocation-missed"],
    )  # fmt: skip
    yield Golden(
        "revocation-incomplete-lookalike-groups-parted",
        "She stayed among the clerks, but the clerks left the group of posters on the day of her move.",
        clerk().act("2026-03-02T02:00:00Z", "revoke", "erp-clerks", "erp-posters", executor="erp-engine").until(LAST),
        "nora.weber",
        "conforming",
        "The group that she is still in no longer leads to the entitlement.",
        change("They left it only three days later.",
               {"file": LOG, "where": {"action": "revoke", "account": "erp-clerks"}, "set": {"at": "2026-03-05T02:00:00Z"}},
               verdict=WRONG, mode="revocation-incomplete"),
        excludes=["revocation-incomplete"],
    )  # fmt: skip


def _exceptions() -> Iterator[Golden]:
    def excepted(until: str = "2026-03-01T00:00:00Z") -> Story:
        story = (
            Story().role(eligible='identity.department == "Board"', approval="required").person("nora.weber")
        )
        story.add("exceptions", id="EX-7", kind="local", identity=NORA, system="erp", entitlement="gl-poster",
                  recorded_by=mail("ida.holm"), recorded_at="2026-02-01T09:00:00Z", approved_by=mail("ida.holm"),
                  expires_at=until, cleanup_owner=mail("ida.holm"))  # fmt: skip
        return story.grant(GRANTED, "nora.weber").until(LAST)

    yield Golden(
        "exception-not-cleaned-up",
        "Granted on a recorded exception until March; at the end of April it was still there.",
        excepted(),
        "nora.weber",
        WRONG,
        "Rule 4: the access outlived its exception; its cleanup owner answers, not who approved it.",
        change("It was revoked on the last day.", revoked("2026-02-28T20:00:00Z"), verdict="conforming"),
        mode="exception-not-cleaned-up",
        klass="execution",
        owner=mail("ida.holm"),
        since="2026-03-01T00:00:00.000Z",
        excludes=["no-decision", "policy-ineligible", "expiry-not-enforced", "exception-unrecorded"],
    )
    yield Golden(
        "exception-not-cleaned-up-lookalike-renewed",
        "The exception ended in March; one recorded before that carries the access on until June.",
        excepted().add("exceptions", id="EX-8", kind="local", identity=NORA, system="erp", entitlement="gl-poster",
                       recorded_by=mail("ida.holm"), recorded_at="2026-02-26T09:00:00Z", approved_by=mail("ida.holm"),
                       expires_at="2026-06-01T00:00:00Z", cleanup_owner=mail("ida.holm")),
        "nora.weber",
        "conforming",
        "Nothing outlived what was recorded.",
        change("The second was for another entitlement.",
               {"file": "register.yaml", "where": {"id": "EX-8"}, "set": {"entitlement": "gl-closer"}},
               verdict=WRONG, mode="exception-not-cleaned-up"),
        excludes=["exception-not-cleaned-up"],
    )  # fmt: skip


def _credentials() -> Iterator[Golden]:
    def robot(kind: str = "service-account", **more: object) -> Story:
        story = delivered().identity(
            mail("svc-billing"),
            kind,
            owner="billing",
            accounts=[{"system": "erp", "name": "svc-billing"}],
            **more,
        )
        story.role("credential:*", approval="none").person("pavel.maly").person("ines.rey").policy(
            compromise_sla="PT24H"
        )
        story.grant("2026-01-10T08:00:00Z", "nobody", "reporting-viewer", rule="R-VIEW")
        return story.act("2026-01-12T08:00:00Z", "grant", "svc-billing", "credential:KEY-1")

    def rotated(at: str) -> dict[str, object]:
        line = {
            "at": at,
            "action": "rotate",
            "system": "erp",
            "account": "svc-billing",
            "entitlement": "credential:KEY-1",
        }
        return {"file": LOG, "add": line | {"executor": "desk-bot"}}

    story = robot().policy(rotation_interval="P90D")
    yield Golden(
        "rotation-overdue",
        "A key made in January was not rotated within 90 days.",
        story,
        "svc-billing",
        WEAK,
        "Overdue alone is a control weakness; the identity's owner answers for the credential.",
        change("It was rotated in March.", rotated("2026-03-01T08:00:00Z"), verdict="conforming"),
        entitlement="credential:KEY-1",
        mode="rotation-overdue",
        klass="execution",
        owner=mail("billing"),
        since="2026-04-12T08:00:00.000Z",
        excludes=["compromise-not-rotated"],
    )
    yield Golden(
        "rotation-overdue-lookalike-deleted",
        "A key made in January was never rotated, but deleted before that was due.",
        robot().policy(rotation_interval="P90D").act("2026-04-12T07:59:59Z", "revoke", "svc-billing", "credential:KEY-1"),
        "svc-billing",
        "conforming",
        "What is no longer there need not be rotated.",
        change("It was deleted a day later.", {"file": LOG, "replace": "2026-04-12T07:59:59Z", "with": "2026-04-13T07:59:59Z"},
               verdict=WEAK, mode="rotation-overdue"),
        entitlement="credential:KEY-1",
        excludes=["rotation-overdue"],
    )  # fmt: skip
    leak = {"system": "erp", "credential": "KEY-1", "exposed_at": "2026-03-01T06:00:00Z", "reported_at": "2026-03-02T09:00:00Z",
            "source": "secret scanning"}  # fmt: skip
    yield Golden(
        "compromise-not-rotated",
        "The key was found in a public repository and reported; it was neither rotated nor revoked.",
        robot().policy(rotation_interval="P90D").add("exposures", **leak),
        "svc-billing",
        WRONG,
        "Rule 4: wrong from the report on; rotation-overdue yields.",
        change("It was rotated between the exposure and the report.",
               rotated("2026-03-02T08:00:00Z"), verdict="conforming"),
        entitlement="credential:KEY-1",
        mode="compromise-not-rotated",
        klass="execution",
        owner=mail("billing"),
        since="2026-03-02T09:00:00.000Z",
        excludes=["rotation-overdue"],
    )  # fmt: skip
    yield Golden(
        "compromise-not-rotated-lookalike-another-key",
        "Another key of the account was exposed, and the account has two.",
        robot().act("2026-01-13T08:00:00Z", "grant", "svc-billing", "credential:KEY-2")
        .act("2026-03-02T12:00:00Z", "revoke", "svc-billing", "credential:KEY-2").add("exposures", **{**leak, "credential": "KEY-2"}),
        "svc-billing",
        "conforming",
        "The exposed key was revoked within three hours; this one was not exposed.",
        change("It was this one.", {"file": "register.yaml", "where": {"credential": "KEY-2"}, "set": {"credential": "KEY-1"}},
               verdict=WRONG, mode="compromise-not-rotated"),
        entitlement="credential:KEY-1",
        excludes=["compromise-not-rotated"],
    )  # fmt: skip

    def shared() -> Story:
        story = robot(known_to=[mail("pavel.maly"), mail("ines.rey")])
        return story.fact("pavel.maly", "status", "inactive", MOVED, "2026-02-25T09:00:00Z")

    yield Golden(
        "shared-secret-known-to-leaver",
        "Pavel, who knew the secret, left in March; it was not rotated.",
        shared(),
        "svc-billing",
        WRONG,
        "Rule 4: wrong from the leave on.",
        change("It was rotated on his last day.", rotated("2026-03-01T17:00:00Z"), verdict="conforming"),
        entitlement="credential:KEY-1",
        mode="shared-secret-known-to-leaver",
        klass="execution",
        owner=mail("billing"),
        since="2026-03-02T00:00:00.000Z",
    )  # fmt: skip
    story = robot(known_to=[mail("pavel.maly"), mail("ines.rey")])
    yield Golden(
        "shared-secret-known-to-leaver-lookalike-moved",
        "Pavel, who knows the secret, changed his department; he did not leave.",
        story.fact("pavel.maly", "department", "Sales", MOVED, "2026-02-25T09:00:00Z"),
        "svc-billing",
        "conforming",
        "Only a leave makes a shared secret known outside.",
        change("He left.", {"file": "source-data.csv", "where": {"value": "Sales"}, "set": {"attribute": "status", "value": "terminated"}},
               verdict=WRONG, mode="shared-secret-known-to-leaver"),
        entitlement="credential:KEY-1",
        excludes=["shared-secret-known-to-leaver"],
    )  # fmt: skip
