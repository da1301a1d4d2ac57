"""What our own books say could not be read proves nothing by its absence, and is asked for."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.judgement.test_withheld import GLASS
from tests.stories.execution import APPROVED, ASKED, GRANTED, LAST, asked, delivered
from tests.story import Judged, Story, mail

from tracer.case.opening import open_case
from tracer.evidence.ingest import ingest
from tracer.judgement.judge import judge

Damage = Callable[[Path], None]
NORA, LATER = "nora.weber", "2026-04-28T08:00:00Z"


@pytest.fixture
def judged(tmp_path: Path) -> Iterator[Callable[[Story, Damage], Judged]]:
    """Judges what is left of a story when its files are damaged."""

    def left(story: Story, damage: Damage) -> Judged:
        damage(story.write(tmp_path / "evidence"))
        ingest(tmp_path / "case.db", [str(tmp_path / "evidence")])
        case.append(open_case(tmp_path / "case.db"))
        judge(case[-1])
        return Judged(case[-1])

    case: list[Any] = []
    yield left
    for connection in case:
        connection.close()


def whole(folder: Path) -> None:
    """Nothing is lost."""


def line(name: str, holds: str, becomes: str) -> Damage:
    """The first line of a file that holds this text becomes another."""

    def damage(folder: Path) -> None:
        lines = (folder / name).read_text("utf-8").splitlines()
        number = next(place for place, one in enumerate(lines) if holds in one)
        lines[number] = becomes
        (folder / name).write_text("\n".join(lines) + "\n", "utf-8")

    return damage


def cut(name: str, holds: str) -> Damage:
    """The file breaks off just behind this text."""

    def damage(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        (folder / name).write_text(text[: text.index(holds) + len(holds)], "utf-8")

    return damage


def ticket(key: str) -> Damage:
    """One ticket is no object any more."""

    def damage(folder: Path) -> None:
        page = json.loads((folder / "jira.json").read_text("utf-8"))
        page["issues"] = [key if one["key"] == key else one for one in page["issues"]]
        (folder / "jira.json").write_text(json.dumps(page), "utf-8")

    return damage


def apart(section: str, *, refused: bool) -> Damage:
    """The last entry of a section of the register is in a file of its own, which can be read or not."""

    def damage(folder: Path) -> None:
        register = yaml.safe_load((folder / "register.yaml").read_text("utf-8"))
        part: dict[str, Any] = {section: [register[section].pop()]}
        if refused:
            part["sektion"] = []
        (folder / "register.yaml").write_text(yaml.safe_dump(register), "utf-8")
        (folder / "part.yaml").write_text(yaml.safe_dump(part), "utf-8")

    return damage


REVOKED = asked().grant(GRANTED, NORA, ticket="ACC-1").until(LAST)
REVOKED.fact(NORA, "status", "terminated", "2026-03-02T00:00:00Z")
REVOKED.act("2026-03-01T08:00:00Z", "use", mail("olga.kern"), executor=mail("olga.kern"))
REVOKED.act("2026-03-02T10:00:00Z", "revoke", mail(NORA))
REVOKED.register["roles"][0]["eligible"] = 'identity.status == "active"'

VERIFIED = delivered().policy(verification_window="PT24H")
VERIFIED.act("2026-02-03T12:00:00Z", "verify", mail(NORA)).act(LATER, "verify", mail("olga.kern"))

REVIEWED = delivered().policy(review_interval="P30D")
for at in ("2026-01-05T08:00:00Z", "2026-04-29T08:00:00Z"):
    REVIEWED.review(at, "olga.kern")
for at in ("2026-02-20T08:00:00Z", "2026-03-20T08:00:00Z", "2026-04-10T08:00:00Z"):
    REVIEWED.review(at, NORA)

BY_RULE = Story().rule('identity.employment_type == "FTE"').role().person(NORA)
BY_RULE.register["sources_of_truth"] = [
    {"attribute": "employment_type", "authoritative": ["workday"], "copies": ["okta"]}
]
BY_RULE.fact(NORA, "employment_type", "Contractor", "2026-03-01T00:00:00Z")
BY_RULE.fact(NORA, "employment_type", "FTE", "2026-03-20T00:00:00Z")
BY_RULE.grant(LATER, NORA, rule="R-ERP", rule_version=1, inputs={"employment_type": "FTE"}).until(LAST)


@pytest.mark.parametrize(
    ("story", "mode", "damage", "said"),
    [
        pytest.param(delivered(ticket=None), "no-decision", ticket("ACC-1"), "of jira.json", id="a ticket"),
        pytest.param(delivered(ticket=None), "no-decision", cut("jira.json", '"ACC-1"'), "of jira.json", id="tickets cut off"),
        pytest.param(VERIFIED, "not-verified", line("provisioning.jsonl", '"verify"', "{"), "record 3 of provisioning.jsonl", id="a verification"),
        pytest.param(VERIFIED, "not-verified", cut("provisioning.jsonl", '"2026-02-03T12'), "of provisioning.jsonl", id="a log cut off"),
        pytest.param(REVOKED, "revocation-missed", line("provisioning.jsonl", '"revoke"', "{"), "of provisioning.jsonl", id="a revocation"),
        pytest.param(REVIEWED, "review-missed", line("access-reviews.csv", "2026-03-20", "soon,,,,,,"), "of access-reviews.csv", id="a review"),
        pytest.param(BY_RULE, "stale-copy", line("source-data.csv", "2026-03-20", "W-1001"), "of source-data.csv", id="source data"),
    ],
)  # fmt: skip
def test_what_could_not_be_read_accuses_nobody_and_is_asked_for(
    judged: Callable[[Story, Damage], Judged], story: Story, mode: str, damage: Damage, said: str
) -> None:
    found = judged(story, damage)
    answer = found.why(NORA)
    assert answer["verdict"] in ("undetermined", "conforming")
    assert found.check(mode, NORA) == "no-evidence"
    assert any(said in one["need"] for one in answer["missing"])


@pytest.mark.parametrize("story", [delivered(ticket=None), VERIFIED, REVOKED, REVIEWED, BY_RULE])
def test_the_same_read_whole_is_in_order(judged: Callable[[Story, Damage], Judged], story: Story) -> None:
    assert judged(story, whole).why(NORA)["verdict"] == "conforming"


SEEN_EARLY = Story().role().person(NORA).grant("2026-01-02T08:00:00Z", "olga.kern").until(LAST)
SEEN_EARLY.review("2026-01-01T08:00:00Z", NORA).review("2026-04-20T08:00:00Z", NORA).review(
    "2026-04-20T08:00:00Z", "olga.kern"
)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param(whole, "no-evidence", id="seen before the log began"),
        pytest.param(line("access-reviews.csv", "2026-01-01", ",,,,,"), "no-evidence", id="not read"),
        pytest.param(line("access-reviews.csv", "2026-01-01", ""), "fail", id="not seen"),
    ],
)
def test_access_may_have_been_seen_before_in_what_could_not_be_read(
    judged: Callable[[Story, Damage], Judged], damage: Damage, said: str
) -> None:
    assert judged(SEEN_EARLY, damage).check("unlogged-grant", NORA) == said


@pytest.mark.parametrize(("damage", "said"), [(whole, "not-applicable"), (ticket("ACC-1"), "no-evidence")])
def test_whoever_gave_it_to_themselves_may_have_asked_in_a_ticket_that_could_not_be_read(
    judged: Callable[[Story, Damage], Judged], damage: Damage, said: str
) -> None:
    story = asked().identity(mail(NORA), "human").person("olga.kern").identity(mail("olga.kern"), "human")
    story.grant(GRANTED, "olga.kern", executor=mail("olga.kern")).until(LAST)
    found = judged(story, damage)
    assert found.check("unauthorised-executor", "olga.kern") == said
    assert found.root("olga.kern") == ("undetermined" if damage is not whole else "self-service-bypass")


APPROVED_BY_GRACE = (
    Story().role(approval="required").person(NORA).authority("otto.kern").authority("grace.lindt")
)
APPROVED_BY_GRACE.ticket_export("2026-01-05T09:00:00Z", LAST).ticket(
    "ACC-1", NORA, ASKED, [("grace.lindt", APPROVED)]
)
APPROVED_BY_GRACE.grant(GRANTED, NORA, ticket="ACC-1").until(LAST)

BY_ALIAS = delivered(executor="svc-desk").act(GRANTED, "use", "desk-provisioner", executor="desk-provisioner")
BY_ALIAS.register["roles"][0]["provisioners"] = ["desk-provisioner"]
BY_ALIAS.identity(
    "desk-provisioner", "workload", owner="platform", accounts=[{"system": "erp", "name": "svc-desk"}]
)

BROKEN_GLASS = (
    asked()
    .add("exceptions", **(GLASS | {"id": "EX-0", "identity": mail("otto.kern")}))
    .add("exceptions", **(GLASS | {"approved_by": mail("waivers")}))
)
BROKEN_GLASS.grant(GRANTED, NORA, exception="EX-1").until("2026-02-08T08:00:00Z")

DISAGREED = Story().rule('identity.employment_type == "FTE"').role().person(NORA)
DISAGREED.fact(NORA, "employment_type", "Contractor", "2026-01-05T00:00:00Z", system="okta")
DISAGREED.add("sources_of_truth", attribute="department", authoritative=["workday"], copies=["okta"])
DISAGREED.add("sources_of_truth", attribute="employment_type", authoritative=["workday"], copies=["okta"])
DISAGREED.grant(GRANTED, NORA, rule="R-ERP", rule_version=1, inputs={"employment_type": "FTE"}).until(LAST)


@pytest.mark.parametrize("refused", [False, True])
@pytest.mark.parametrize(
    ("story", "section", "mode"),
    [
        pytest.param(APPROVED_BY_GRACE, "authorities", "approver-lacks-authority", id="an authority"),
        pytest.param(BY_ALIAS, "identities", "unauthorised-executor", id="an identity"),
        pytest.param(BROKEN_GLASS, "exceptions", "exception-unrecorded", id="an exception"),
        pytest.param(DISAGREED, "sources_of_truth", "conflicting-sources", id="a source of truth"),
    ],
)
def test_what_a_refused_register_would_have_told_is_held_against_nobody(
    judged: Callable[[Story, Damage], Judged], story: Story, section: str, mode: str, refused: bool
) -> None:
    found = judged(story, apart(section, refused=refused))
    assert found.why(NORA)["verdict"] == ("undetermined" if refused else "conforming")
    assert found.check(mode, NORA) == ("no-evidence" if refused else "pass")
    asked_for = " ".join(one["need"] for one in found.why(NORA)["missing"])
    assert ("part.yaml could not be read" in asked_for) is refused


@pytest.mark.parametrize(("refused", "owner"), [(False, "erp-team@corp.example"), (True, None)])
def test_nobody_answers_for_a_control_that_stood_in_a_refused_register(
    judged: Callable[[Story, Damage], Judged], refused: bool, owner: str | None
) -> None:
    story = (
        Story()
        .role(approval="required", owner="role-owner@corp.example")
        .person(NORA)
        .grant(GRANTED, NORA)
        .until(LAST)
    )
    story.ticket_export("2026-01-05T09:00:00Z", LAST)
    story.control("PRV-ERP", "provisioning", "erp-team@corp.example", covers={"system": "erp"})
    found = judged(story, apart("controls", refused=refused))
    root = found.why(NORA)["root"]
    assert (root["mode"], root["owner"]) == ("no-decision", owner)
    assert root["owner_basis"] == ("derived" if refused else "register")
    assert "unowned-control" not in found.modes(NORA)


def test_a_refused_register_is_tried_again_and_forgotten_once_it_is_mended(tmp_path: Path) -> None:
    evidence = delivered().write(tmp_path / "evidence")
    case, register = tmp_path / "case.db", evidence / "register.yaml"
    good = register.read_text("utf-8")
    register.write_text(good + "sektion: []\n", "utf-8")
    for _ in range(2):
        assert len(ingest(case, [str(evidence)]).problems) == 1
    books = "SELECT path, records, rejected, note IS NOT NULL FROM evidence WHERE source = 'register'"
    connection = open_case(case)
    assert [tuple(row) for row in connection.execute(books)] == [(str(register), 1, 1, 1)]
    register.write_text(good, "utf-8")
    assert ingest(case, [str(evidence)]).problems == []
    judge(connection)
    assert Judged(connection).why(NORA)["verdict"] == "conforming"
    connection.close()


def test_a_file_that_holds_all_that_a_damaged_one_does_makes_it_good(tmp_path: Path) -> None:
    evidence = delivered(ticket=None).write(tmp_path / "evidence")
    whole_page = (evidence / "jira.json").read_text("utf-8")
    ticket("ACC-901")(evidence)
    ingest(tmp_path / "case.db", [str(evidence)])
    connection = open_case(tmp_path / "case.db")
    unread = "SELECT count(*) FROM temp.unread"
    judge(connection)
    assert connection.execute(unread).fetchone()[0] == 1
    pages = json.dumps(json.loads(whole_page))
    (tmp_path / "again.json").write_text(pages, "utf-8")
    ingest(tmp_path / "case.db", [str(tmp_path / "again.json")])
    judge(connection)
    assert connection.execute(unread).fetchone()[0] == 0
    connection.close()
