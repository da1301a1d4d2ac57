# Outside collaborators of the ledger, as applied.
# as_of: 2026-03-01T06:00:00Z

terraform {
  required_version = ">= 1.5"
}

module "ledger-service" {
  source     = "./modules/repository-collaborators"
  repository = "ledger-service"
  collaborators = [
    {
      github_user  = "tove-lind"
      permission   = "push"
      name         = "Tove Lind"
      email        = "tove.lind@kontor.example"
      org          = "Kontor"
      reason       = "Year-end closing of the ledger"
      added_by     = "ada.lund@larkfield.example"
      review_after = "2026-06-30"
    },
    {
      github_user  = "ivo-marsh" # joined in February
      permission   = "pull"
      name         = "Ivo Marsh"
      email        = "ivo.marsh@kontor.example"
      org          = "Kontor"
      reason       = "Audit"
      added_by     = "ada.lund@larkfield.example"
      expires_on   = "2026-04-30"
      review_after = "2026-06-30"
    },
  ]
}

resource "github_team" "keepers" {
  name = "keepers"
}

resource "github_team_membership" "mira" {
  team_id  = github_team.keepers.id
  username = "mira-solberg"
  role     = "maintainer"
}

resource "aws_iam_user_policy_attachment" "odile" {
  user       = "odile"
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

locals {
  auditors = {
    members = ["ada.lund@larkfield.example"]
  }
}
