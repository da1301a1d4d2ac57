"""Terraform outside git: blocks are records, and what an entry says of why and by whom is told with who holds it."""

from tests.evidence.formats.build import read

MODULE = b"""# as_of = 2026-03-01
module "ledger" {
  repository    = "ledger"
  collaborators = [{
    github_user = "tove-lind", permission = "push", reason = "Closing", added_by = "ada@larkfield.example",
    expires_on = "2026-04-30", review_after = "2026-06-30"
  }]
}
"""
TEAMS = b"""resource "github_team_membership" "mira" {
  team_id  = github_team.keepers.id
  username = "mira-solberg"
}
# Everything else is about the team.
resource "github_team" "keepers" {
  name = "keepers"
}
"""


def test_an_entry_is_told_with_its_reason_and_who_added_it() -> None:
    (piece,) = read("hcl", MODULE)
    assert piece.value is not None
    (held,) = piece.value["held"]
    assert (piece.value["as_of"], piece.value["block"]) == ("2026-03-01T00:00:00.000Z", "module.ledger")
    assert {
        name: held[name] for name in ("account", "entitlement", "reason", "requested_by", "expires_at")
    } == {
        "account": "tove-lind",
        "entitlement": "ledger:push",
        "reason": "Closing",
        "requested_by": "ada@larkfield.example",
        "expires_at": "2026-04-30T00:00:00.000Z",
    }


def test_a_reference_to_a_later_block_is_followed() -> None:
    member, team = read("hcl", TEAMS)
    assert member.value is not None
    assert team.value is not None
    assert [one["entitlement"] for one in member.value["held"]] == ["keepers"]
    assert (team.value["held"], member.value["as_of"]) == (None, None)


def test_a_broken_block_costs_only_itself() -> None:
    found = read("hcl", MODULE + b'module "x" {\n  a = "\n}\n' + TEAMS)
    assert [piece.problem is None for piece in found] == [True, False, True, True]
    assert "no HCL" in (found[1].problem or "")
