"""The words by which registers of all kinds say who is in what."""

MEMBERS = {
    "members": "", "member": "", "users": "", "user_list": "", "accounts": "", "people": "", "subjects": "", "principals": "",
    "usernames": "", "logins": "", "emails": "", "assigned": "", "assignees": "", "holders": "", "staff": "",
    "service_accounts": "", "serviceaccounts": "", "humans": "", "identities": "",
    "maintainers": "maintainer", "admins": "admin", "administrators": "admin", "owners": "owner", "managers": "manager",
    "approvers": "approver", "reviewers": "reviewer", "collaborators": "collaborator", "outside_collaborators": "collaborator",
    "contributors": "contributor", "committers": "committer", "developers": "developer", "operators": "operator",
    "readers": "reader", "writers": "writer", "editors": "editor", "viewers": "viewer", "leads": "lead",
    "emeritus_approvers": None, "emeritus": None, "alumni": None, "former": None, "former_members": None, "removed": None,
}  # fmt: skip
"""Key of a list of people -> the role it gives in its group; empty: membership; None: they hold nothing."""

CONTAINERS = {
    "groups", "teams", "roles", "aliases", "projects", "repositories", "repos", "entitlements", "access", "grants", "bindings",
    "permissions", "resources", "environments", "applications", "apps", "databases", "clusters", "modules", "module",
    "resource", "data", "locals", "locals_", "variable", "spec", "config", "items", "memberships", "assignments", "rules",
    "policies", "subteams", "subgroups",
}  # fmt: skip
"""Keys that hold several named things and are no names themselves."""

PEOPLE = {
    "users",
    "people",
    "accounts",
    "humans",
    "service_accounts",
    "serviceaccounts",
    "staff",
    "identities",
    "members",
}
"""Keys of a mapping from account to what is known of it."""

NAMES = (
    "name",
    "id",
    "group",
    "team",
    "role",
    "slug",
    "repository",
    "repo",
    "project",
    "entitlement",
    "title",
    "key",
)
"""What a group is called where groups are a list of mappings, in this order."""

ACCOUNT = (
    "account", "username", "user_name", "user", "login", "github_user", "github", "github_username", "gitlab", "handle",
    "member", "principal", "identity", "subject", "service_account", "email", "mail", "uid_name", "name", "id",
)  # fmt: skip
"""What an account is called where accounts are a list of mappings, in this order."""

STRICT_ACCOUNT = ACCOUNT[:-3]
"""Of these, the ones that by themselves say that a mapping is about an account."""

MAIL = ("email", "mail")
OWN_NAME = ("name", "id")
"""What an entry of a list of people is called where nothing stricter names it."""

ENTITLEMENT = ("entitlement", "entitlements", "role", "roles", "group", "groups", "team", "teams", "permission", "permissions",
               "access", "access_level", "privilege", "privileges", "policy", "policies", "grants", "profile")  # fmt: skip
"""What an account holds, said at the account."""

DESCRIBING = {
    "description", "comment", "comments", "note", "notes", "gid", "uid", "title", "summary", "contact", "slack", "email",
    "homepage", "previously", "owner", "url", "id", "name", "slug", "review_after", "reviewed_at", "ticket", "display_name",
    "displayname", "reason",
}  # fmt: skip
"""What describes a group and changes nothing of what it allows."""

EXPIRY = ("expires_at", "expires", "expires_on", "expiry", "expiry_date", "expiration", "valid_until", "until", "end_date",
          "valid_to", "access_until")  # fmt: skip
REASON = ("reason", "justification", "why", "comment", "purpose")
REQUESTER = ("requested_by", "requester", "added_by", "sponsor")
TICKET = ("ticket", "request", "issue", "jira", "ticket_id", "request_id", "change")
SCOPE = ("scope", "namespace", "environment", "project", "resource", "region")
SYSTEM = ("system", "application", "app", "platform", "service")
CREDENTIALS = (
    "ssh_keys",
    "sshkeys",
    "ssh_key",
    "public_keys",
    "keys",
    "authorized_keys",
    "gpg_keys",
    "api_keys",
    "tokens",
)
ALIASES = {
    "email": "email", "mail": "email", "upn": "email", "worker_id": "worker-id", "employee_id": "worker-id",
    "realname": "display-name", "full_name": "display-name", "display_name": "display-name",
}  # fmt: skip
GONE = {
    "ensure": ("absent",), "state": ("absent", "removed", "deleted", "inactive", "disabled"),
    "status": ("absent", "removed", "deleted", "inactive", "disabled", "terminated", "left"),
    "active": ("false", "no"), "enabled": ("false", "no"), "disabled": ("true", "yes"), "absent": ("true", "yes"),
    "suspended": ("true", "yes"), "present": ("false", "no"), "deleted": ("true", "yes"),
}  # fmt: skip
"""Values of an account's fields that say that it is not there."""
