"""Who held an entitlement, by which paths."""

import pytest
from tests.story import Judged, Story, mail

from tracer.errors import CaseError, UsageError
from tracer.questions.who import who


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    story = Story().rule('identity.department == "Finance"').person("nora.weber").person("ola.berg")
    inputs = {"department": "Finance"}
    story.grant("2026-01-10T08:00:00Z", "nora.weber", rule="R-ERP", rule_version=1, inputs=inputs)
    story.act("2026-02-10T08:00:00Z", "revoke", mail("nora.weber"))
    story.grant("2026-02-01T08:00:00Z", "ola.berg", rule="R-ERP", rule_version=1, inputs=inputs)
    story.grant("2026-02-01T08:00:00Z", "ola.berg", "gl-poster", system="warehouse")
    story.grant("2026-02-01T08:00:00Z", "ola.berg", "gl-reader")
    return story.until("2026-04-30T08:00:00Z").judge(tmp_path_factory.mktemp("who"))


def held(judged: Judged, at: str | None) -> list[str]:
    rows = who(judged.connection, "gl-poster", at=at, system="ERP")
    return [row["identity"].split("@")[0] for row in rows]


def test_the_first_instant_counts_and_the_last_does_not(judged: Judged) -> None:
    assert held(judged, "2026-01-10T07:59:59.999Z") == []
    assert held(judged, "2026-01-10T08:00:00.000Z") == ["nora.weber"]
    assert held(judged, "2026-02-05T00:00:00.000Z") == ["ola.berg", "nora.weber"]
    assert held(judged, "2026-02-10T08:00:00.000Z") == ["ola.berg"]


def test_without_a_time_everybody_who_ever_held_it_open_ones_first(judged: Judged) -> None:
    assert held(judged, None) == ["ola.berg", "nora.weber"]
    [still, ended] = who(judged.connection, "gl-poster", system="erp")
    assert (still["still_open"], still["path"], still["rule"]) == (True, "direct", "R-ERP")
    assert (ended["still_open"], ended["ended_at"]) == (False, "2026-02-10T08:00:00.000Z")
    assert still["judged_at"] == "2026-04-30T08:00:00.000Z"


def test_a_name_in_two_systems_or_a_part_of_two_names_lists_them(judged: Judged) -> None:
    with pytest.raises(UsageError, match="gl-poster in erp, gl-poster in warehouse"):
        who(judged.connection, "GL-Poster")
    with pytest.raises(UsageError, match="gl-poster in erp, gl-reader in erp"):
        who(judged.connection, "gl-", system="erp")


def test_a_unique_part_is_enough_and_an_unknown_name_is_a_stated_problem(judged: Judged) -> None:
    assert [row["entitlement"] for row in who(judged.connection, "reader")] == ["gl-reader"]
    with pytest.raises(CaseError, match=r"no entitlement in erp is called 'nothing'"):
        who(judged.connection, "nothing", system="erp")


def test_a_glob_means_the_one_entitlement_that_it_fits(judged: Judged) -> None:
    assert [row["entitlement"] for row in who(judged.connection, "*-R?ader")] == ["gl-reader"]
    with pytest.raises(UsageError, match="gl-poster in erp, gl-reader in erp"):
        who(judged.connection, "gl-*", system="erp")
