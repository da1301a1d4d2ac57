"""The team sync adds Ebbe to the team that holds the release keys; no request says why."""

from samples.generate.formats.github import audit
from samples.generate.world import DOMAIN, World, at


def tell(world: World) -> None:
    """Nothing was checked afterwards either."""
    world.github.append(
        audit(
            at("2025-12-11T15:20"),
            "team.add_member",
            "lark-team-sync",
            team="larkfield/release-keys",
            user="lark-ebbe-winther",
        )
    )
    ebbe, owner = f"ebbe.winther@{DOMAIN}", f"github-platform@{DOMAIN}"
    world.expect(
        "nobody-asked", ebbe, "github", "larkfield/release-keys", "wrong-access", "no-decision", owner
    )
