# as_of: 2026-03-01

resource "github_team_membership" "mira" {
  team_id  = "keepers"
  username = "mira-solberg"
}

resource "github_team_membership" "odile" {
  team_id  = "keepers
  username = "odile"
}

module "ledger-service" {
  repository    = "ledger-service"
  collaborators = [{ github_user = "tove-lind", permission = "push" }]
}
