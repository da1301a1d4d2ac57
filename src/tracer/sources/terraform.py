"""Which Terraform resources bind somebody to something, and what the provider's attributes say of it.

Provider references: https://registry.terraform.io/browse/providers. Used for registers in git, plans and state.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tracer.sources.hooks.cloudtrail_policies import PUBLIC, principals
from tracer.sources.paths import look_up, text_of

Text = str | None


@dataclass(frozen=True)
class Kind:
    """One resource type: its system, where the subject and the entitlement stand (`a|b`: the first present), scope, kind.

    `{}` in `form` is the entitlement, other names in braces are attributes; `role` is put behind a colon.
    """

    system: str
    subject: str
    entitlement: str
    kind: str
    subject_kind: Text = None
    scope: str = ""
    role: str = ""
    expires: str = ""


@dataclass(frozen=True)
class Binding:
    """Somebody holds something by a resource; a part that only the provider will know is None."""

    system: str
    subject: Text
    subject_kind: Text
    entitlement: Text
    kind: str
    scope: Text
    expires_at: Text


def _google(resource: str) -> dict[str, Kind]:
    return {
        f"google_{resource}_iam_{form}": Kind(
            "gcp", members, "role", "role", scope="project|folder|org_id|bucket|service_account_id|dataset_id|billing_account_id|secret_id|topic|repository|name"
        )
        for form, members in (("member", "member"), ("binding", "members"))
    }  # fmt: skip


TYPES: dict[str, Kind] = {
    "github_team_membership": Kind("github", "username", "team_id", "group", role="role"),
    "github_team_members": Kind("github", "members.username", "team_id", "group", role="members.role"),
    "github_membership": Kind("github", "username", "=org", "role", role="role"),
    "github_repository_collaborator": Kind("github", "username", "repository", "repository", role="permission"),
    "github_repository_collaborators": Kind("github", "user.username", "repository", "repository", role="user.permission"),
    "github_team_repository": Kind("github", "team_id", "repository", "repository", "group", role="permission"),
    "gitlab_group_membership": Kind("gitlab", "user_id", "group_id", "group", role="access_level", expires="expires_at"),
    "gitlab_project_membership": Kind("gitlab", "user_id", "project|project_id", "repository", role="access_level", expires="expires_at"),
    "aws_iam_user_policy_attachment": Kind("aws", "user", "policy_arn", "policy"),
    "aws_iam_role_policy_attachment": Kind("aws", "role", "policy_arn", "policy"),
    "aws_iam_group_policy_attachment": Kind("aws", "group", "policy_arn", "policy", "group"),
    "aws_iam_policy_attachment": Kind("aws", "users|roles|groups", "policy_arn", "policy"),
    "aws_iam_user_policy": Kind("aws", "user", "name", "policy"),
    "aws_iam_role_policy": Kind("aws", "role", "name", "policy"),
    "aws_iam_group_policy": Kind("aws", "group", "name", "policy", "group"),
    "aws_iam_user_group_membership": Kind("aws", "user", "groups", "group"),
    "aws_iam_group_membership": Kind("aws", "users", "group", "group"),
    "aws_iam_access_key": Kind("aws", "user", "=credential:{id}", "credential"),
    "aws_iam_instance_profile": Kind("aws", "arn|name", "role", "role", "workload"),
    "aws_ssoadmin_account_assignment": Kind("aws", "principal_id", "permission_set_arn", "permission-set", scope="target_id"),
    "aws_identitystore_group_membership": Kind("aws", "member_id", "group_id", "group"),
    "aws_lakeformation_permissions": Kind("aws", "principal", "permissions", "permission"),
    **_google("project"), **_google("folder"), **_google("organization"), **_google("storage_bucket"),
    **_google("service_account"), **_google("bigquery_dataset"), **_google("billing_account"),
    **_google("secret_manager_secret"), **_google("pubsub_topic"), **_google("artifact_registry_repository"),
    "google_cloud_identity_group_membership": Kind("google-workspace", "preferred_member_key.id", "group", "group"),
    "azurerm_role_assignment": Kind("azure", "principal_id", "role_definition_name|role_definition_id", "role", scope="scope"),
    "azuread_group_member": Kind("entra", "member_object_id", "group_object_id", "group"),
    "azuread_directory_role_assignment": Kind("entra", "principal_object_id", "role_id", "role"),
    "azuread_app_role_assignment": Kind("entra", "principal_object_id", "app_role_id", "app-role", scope="resource_object_id"),
    "okta_group_memberships": Kind("okta", "users", "group_id", "group"),
    "okta_user_group_memberships": Kind("okta", "user_id", "groups", "group"),
    "okta_app_user": Kind("okta", "username|user_id", "app_id", "app"),
    "okta_app_group_assignment": Kind("okta", "group_id", "app_id", "app", "group"),
    "okta_user_admin_roles": Kind("okta", "user_id", "admin_roles", "role"),
    "kubernetes_role_binding": Kind("kubernetes", "subject.name", "role_ref.name", "role", scope="metadata.namespace"),
    "kubernetes_role_binding_v1": Kind("kubernetes", "subject.name", "role_ref.name", "role", scope="metadata.namespace"),
    "kubernetes_cluster_role_binding": Kind("kubernetes", "subject.name", "role_ref.name", "role"),
    "kubernetes_cluster_role_binding_v1": Kind("kubernetes", "subject.name", "role_ref.name", "role"),
    "postgresql_grant_role": Kind("postgresql", "role", "grant_role", "role"),
    "snowflake_grant_account_role": Kind("snowflake", "user_name|parent_role_name", "role_name", "role"),
    "databricks_group_member": Kind("databricks", "member_id", "group_id", "group"),
    "vault_identity_group_member_entity_ids": Kind("vault", "member_entity_ids", "group_id|group_name", "group"),
    "pagerduty_team_membership": Kind("pagerduty", "user_id", "team_id", "group", role="role"),
    "datadog_team_membership": Kind("datadog", "user_id", "team_id", "group", role="role"),
    "tfe_team_member": Kind("terraform", "username", "team_id", "group"),
    "tfe_team_members": Kind("terraform", "usernames", "team_id", "group"),
    "tfe_team_organization_member": Kind("terraform", "organization_membership_id", "team_id", "group"),
}  # fmt: skip
"""Resource types that give access by themselves. Definitions of roles and policies give nobody anything."""


POLICIES: dict[str, tuple[str, str, str]] = {
    "aws_iam_role": ("", "name", "assume_role_policy"),
    "aws_s3_bucket": ("s3", "bucket", "policy"),
    "aws_s3_bucket_policy": ("s3", "bucket", "policy"),
    "aws_s3_access_point": ("s3", "name", "policy"),
    "aws_sns_topic_policy": ("sns", "arn", "policy"),
    "aws_sqs_queue_policy": ("sqs", "queue_url", "policy"),
    "aws_secretsmanager_secret_policy": ("secretsmanager", "secret_arn", "policy"),
    "aws_kms_key_policy": ("kms", "key_id", "policy"),
    "aws_ecr_repository_policy": ("ecr", "repository", "policy"),
    "aws_glue_resource_policy": ("glue", "", "policy"),
    "aws_dynamodb_resource_policy": ("dynamodb", "resource_arn", "policy"),
    "aws_kinesis_resource_policy": ("kinesis", "resource_arn", "policy"),
    "aws_backup_vault_policy": ("backup", "backup_vault_name", "policy"),
    "aws_efs_file_system_policy": ("elasticfilesystem", "file_system_id", "policy"),
    "aws_elasticsearch_domain": ("es", "domain_name", "access_policies"),
    "aws_elasticsearch_domain_policy": ("es", "domain_name", "access_policies"),
    "aws_opensearch_domain": ("es", "domain_name", "access_policies"),
    "aws_opensearch_domain_policy": ("es", "domain_name", "access_policies"),
    "aws_cloudwatch_log_destination_policy": ("logs", "destination_name", "access_policy"),
}
"""Resource types with a policy that lets principals in: service, where the name stands, where the policy. The trust policy of
a role lets them assume it."""

LISTS = {
    "aws_s3_bucket": "acl",
    "aws_s3_bucket_acl": "acl",
    "aws_s3_object": "acl",
    "aws_s3_bucket_object": "acl",
}
"""Where a canned access list of S3 stands, that may open the bucket to everybody."""


def bindings(kind: str, values: Any) -> Iterator[Binding]:
    """Who holds what by one resource with these attribute values; nothing for other types."""
    if not isinstance(values, dict):
        return
    yield from _let_in(kind, values)
    known = TYPES.get(kind)
    if known is None:
        return
    subjects, prefix = _subjects(known, values)
    entitlements: list[Text] = list(_listed(values, known.entitlement)) or [None]
    roles = list(_listed(values, known.role)) if known.role else []
    scope = next((_name(one) for one in _listed(values, known.scope)), None) if known.scope else None
    expires = next(iter(_listed(values, known.expires)), None) if known.expires else None
    for place, subject in enumerate(subjects or [None]):
        for entitlement in entitlements:
            role = roles[place] if len(roles) == len(subjects or [None]) else roles[0] if roles else None
            name = _called(known, values, entitlement, role)
            account, account_kind = _account(known, subject, prefix)
            yield Binding(known.system, account, account_kind, name, known.kind, scope, expires)


def _let_in(kind: str, values: dict[str, Any]) -> Iterator[Binding]:
    """Whom the policy or access list of a resource lets in, in the words of `aws-cloudtrail`."""
    if kind in POLICIES:
        service, place, policy = POLICIES[kind]
        own = (text_of(values.get("arn")) or "").split(":")
        what = _called_resource(service, text_of(values.get(place)) if place else "account")
        for who in principals(values.get(policy), {own[4]} if len(own) > 4 else set()):
            yield Binding("aws", who, None, what, "resource" if service else "role", None, None)
    if kind in LISTS and text_of(values.get(LISTS[kind])) in PUBLIC:
        yield Binding(
            "aws", "*", None, _called_resource("s3", text_of(values.get("bucket"))), "resource", None, None
        )
    if kind == "aws_lambda_permission":
        who = text_of(look_up(values, "principal")) or ""
        if who and not who.endswith(".amazonaws.com"):
            account = f"arn:aws:iam::{who}:root" if who.isdigit() else who
            what = _called_resource("lambda", text_of(values.get("function_name")))
            yield Binding("aws", account, None, what, "resource", None, None)


def _called_resource(service: str, place: Text) -> Text:
    name = place and place.rpartition("/")[2].rpartition(":")[2]
    return name and (f"{service}:{name}" if service else name)


def _subjects(known: Kind, values: dict[str, Any]) -> tuple[list[Text], str]:
    found: list[Text] = []
    used = ""
    for path in known.subject.split("|"):
        listed = list(_listed(values, path))
        found += listed
        used = used or (path if listed else "")
        if listed and not path.endswith("s"):
            break
    return found, used


def _listed(values: Any, paths: str) -> Iterator[str]:
    """The texts at the first of the paths that has any; lists are walked through."""
    for path in paths.split("|"):
        if path.startswith("="):
            continue
        found = list(_walk(values, path.split(".")))
        if found:
            yield from found
            return


def _walk(node: Any, steps: list[str]) -> Iterator[str]:
    if isinstance(node, list):
        for one in node:
            yield from _walk(one, steps)
    elif steps and isinstance(node, dict):
        yield from _walk(node.get(steps[0]), steps[1:])
    elif not steps and node is not None and not isinstance(node, dict) and str(node).strip():
        yield str(node)


def _called(known: Kind, values: dict[str, Any], entitlement: Text, role: Text) -> Text:
    if known.entitlement == "=org":
        return f"org:{role}" if role else "org:member"
    if known.entitlement.startswith("=credential"):
        return f"credential:{values['id']}" if values.get("id") else None
    if entitlement is None:
        return None
    name = _name(entitlement)
    return f"{name}:{role}" if role else name


def _name(text: str) -> str:
    """The last part of an ARN or of a role's path; the rest stands as it is."""
    if text.startswith("arn:"):
        return text.rpartition("/")[2] or text
    return text.removeprefix("roles/") if text.startswith("roles/") else text


def _account(known: Kind, subject: Text, path: str) -> tuple[Text, Text]:
    """The account's name and kind; Google writes the kind before the name."""
    kind = known.subject_kind or (
        "group" if path in ("groups", "group_id") and known.system in ("aws", "okta") else None
    )
    if subject is None:
        return None, kind
    before, _, rest = subject.partition(":")
    google = {"user": None, "serviceAccount": "service-account", "group": "group", "domain": "group"}
    if known.system == "gcp" and rest and before in google:
        return rest, google[before]
    return subject, kind
