"""Non-human identities: needed, monitored, removable; unknown is never no."""

from pathlib import Path
from typing import Any

import pytest
from tests.story import SYSTEM, Story, mail

from tracer.questions.assurance import assurance

END = "2026-04-30T08:00:00Z"


def robot(**more: Any) -> Story:
    """svc-night posts entries, owned by Vera, with a purpose."""
    known = {"owner": "vera.stone", "purpose": "nightly export"} | more
    story = Story().policy(review_interval="P90D", rotation_interval="P365D")
    story.identity(
        "svc-night",
        "service-account",
        accounts=[{"system": SYSTEM, "name": "svc-night@corp.example"}],
        **known,
    )
    return story.grant("2026-02-01T08:00:00Z", "svc-night")


def asked(story: Story, folder: Path) -> dict[str, Any]:
    rows = assurance(story.until(END).judge(folder).connection)
    return next(one for one in rows if one["identity"] == "svc-night")


def part(row: dict[str, Any], question: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in row[question]["parts"] if one["part"] == name)
    return found


def test_an_owner_who_left_is_a_no_with_the_record_that_says_so(tmp_path: Path) -> None:
    story = robot().person("vera.stone")
    story.fact("vera.stone", "status", "terminated", "2026-03-01T00:00:00Z")
    row = asked(story, tmp_path)
    found = part(row, "needed", "owner")
    assert found["answer"] == row["needed"]["answer"] == "no"
    assert found["because"].startswith(
        "vera.stone@corp.example, its named owner, left: workday has had them as terminated"
    )
    assert any(item["file"].endswith("source-data.csv") for item in found["evidence"])


def test_an_owner_who_will_leave_later_or_came_back_is_there(tmp_path: Path) -> None:
    story = robot().person("vera.stone")
    story.fact("vera.stone", "status", "terminated", "2025-06-01T00:00:00Z")
    story.fact("vera.stone", "status", "active", "2025-09-01T00:00:00Z")
    story.fact("vera.stone", "status", "terminated", "2026-12-01T00:00:00Z", "2026-04-01T00:00:00Z")
    assert part(asked(story, tmp_path), "needed", "owner")["answer"] == "yes"


def test_an_owner_of_whom_nothing_is_known_and_no_owner_at_all_are_unknown(tmp_path: Path) -> None:
    for number, owner in enumerate(("team", None)):
        row = asked(robot(owner=owner), tmp_path / str(number))
        assert part(row, "needed", "owner")["answer"] == "unknown"
        assert row["needed"]["answer"] == "unknown"


def test_sources_that_disagree_about_the_owner_are_unknown(tmp_path: Path) -> None:
    story = robot().person("vera.stone")
    story.fact("vera.stone", "status", "terminated", "2026-03-01T00:00:00Z", system="payroll")
    assert part(asked(story, tmp_path), "needed", "owner")["answer"] == "unknown"


def test_a_purpose_that_ended_is_a_no_and_one_that_nobody_named_is_unknown(tmp_path: Path) -> None:
    ended = asked(robot(purpose_ends_at="2026-03-01"), tmp_path / "a")
    assert part(ended, "needed", "purpose")["answer"] == "no"
    lasting = asked(robot(purpose_ends_at="2027-03-01"), tmp_path / "b")
    assert part(lasting, "needed", "purpose")["answer"] == "yes"
    assert part(lasting, "removable", "end")["answer"] == "yes"
    unnamed = asked(robot(purpose=None), tmp_path / "c")
    assert part(unnamed, "needed", "purpose")["answer"] == "unknown"


def test_use_is_a_yes_where_it_is_told_and_unknown_where_no_log_would_tell_it(tmp_path: Path) -> None:
    story = robot().act("2026-04-01T08:00:00Z", "use", mail("svc-night"), executor=mail("svc-night"))
    assert part(asked(story, tmp_path / "a"), "needed", "use")["answer"] == "yes"
    found = part(asked(robot(), tmp_path / "b"), "needed", "use")
    assert found["answer"] == "unknown"
    assert found["because"] == "no use is known, and logs of use do not cover all its systems"


def test_a_revocation_that_was_seen_to_work_is_a_yes_and_none_is_unknown(tmp_path: Path) -> None:
    assert part(asked(robot(), tmp_path / "a"), "removable", "revocation")["answer"] == "unknown"
    story = robot().grant("2026-02-01T08:00:00Z", "ola.berg")
    story.act("2026-03-01T08:00:00Z", "revoke", mail("ola.berg"))
    found = part(asked(story, tmp_path / "b"), "removable", "revocation")
    assert (found["answer"], len(found["evidence"])) == ("yes", 1)


def test_a_failed_revocation_is_none(tmp_path: Path) -> None:
    story = robot().grant("2026-02-01T08:00:00Z", "ola.berg")
    story.act("2026-03-01T08:00:00Z", "revoke", mail("ola.berg"), outcome="failure")
    assert part(asked(story, tmp_path), "removable", "revocation")["answer"] == "unknown"


def test_a_rotation_is_a_yes_and_no_credential_in_evidence_is_unknown(tmp_path: Path) -> None:
    assert part(asked(robot(), tmp_path / "a"), "removable", "rotation")["answer"] == "unknown"
    story = robot().act("2026-03-01T08:00:00Z", "rotate", mail("svc-night"), None)
    assert part(asked(story, tmp_path / "b"), "removable", "rotation")["answer"] == "yes"


def test_a_review_within_the_interval_is_a_yes(tmp_path: Path) -> None:
    story = robot().review("2026-03-15T08:00:00Z", "svc-night")
    row = asked(story, tmp_path)
    assert part(row, "monitored", "reviews")["answer"] == "yes"
    assert row["monitored"]["answer"] == "yes"


def test_all_three_are_yes_where_everything_is_told(tmp_path: Path) -> None:
    story = (
        robot(purpose_ends_at="2027-01-01").person("vera.stone").review("2026-03-15T08:00:00Z", "svc-night")
    )
    story.act("2026-04-01T08:00:00Z", "use", mail("svc-night"), executor=mail("svc-night"))
    story.act("2026-03-01T08:00:00Z", "rotate", mail("svc-night"), None)
    story.grant("2026-02-01T08:00:00Z", "ola.berg").act("2026-03-01T08:00:00Z", "revoke", mail("ola.berg"))
    row = asked(story, tmp_path)
    assert [row[question]["answer"] for question in ("needed", "monitored", "removable")] == ["yes"] * 3
    assert all(one["evidence"] for q in ("needed", "monitored", "removable") for one in row[q]["parts"])


def test_people_and_groups_are_not_listed(tmp_path: Path) -> None:
    story = robot().person("vera.stone")
    kinds = {one["kind"] for one in assurance(story.until(END).judge(tmp_path).connection)}
    assert kinds == {"service-account", "workload"}


@pytest.mark.parametrize("missing", ["facts", "reviews"])
def test_taking_evidence_away_never_turns_a_yes_into_a_no(tmp_path: Path, missing: str) -> None:
    story = robot().person("vera.stone").review("2026-03-15T08:00:00Z", "svc-night")
    setattr(story, missing, [])
    row = asked(story, tmp_path)
    answers = [one["answer"] for q in ("needed", "monitored", "removable") for one in row[q]["parts"]]
    assert "no" not in answers
