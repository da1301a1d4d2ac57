"""Vera asks for the production secrets and approves it with her own administrator account."""

from samples.generate.background import delivered
from samples.generate.world import DOMAIN, World, at


def tell(world: World) -> None:
    """She may approve that entitlement for others, which is why the workflow let it through."""
    vera, alias = f"vera.lindqvist@{DOMAIN}", f"adm-vera.lindqvist@{DOMAIN}"
    world.accounts[vera].append(("jira", alias))
    world.extra_authorities.append(
        {
            "approver": vera,
            "system": "vault",
            "entitlement": "prod-secrets",
            "from": "2025-01-01",
            "to": None,
            "delegated_by": None,
        }
    )
    ticket = world.ticket(
        "jira",
        requester=vera,
        beneficiary=vera,
        system="vault",
        entitlement="prod-secrets",
        asked=at("2025-11-04T08:30"),
        approver=alias,
        decided=at("2025-11-04T08:41"),
    )
    delivered(world, vera, ticket.id, "vault", "prod-secrets", ticket.decided)
    world.expect("alias-approval", vera, "vault", "prod-secrets", "wrong-access", "self-approval", vera)
