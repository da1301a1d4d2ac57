"""`python -m samples.generate [DIR]` writes the evidence anew, by default into samples/evidence."""

import json
import shutil
import sys
from pathlib import Path

from samples.generate import background, register, staff
from samples.generate.formats import cloudtrail, github, jira, okta, servicenow, tables
from samples.generate.stories import (
    alias_approval,
    leaver_kept,
    nobody_asked,
    role_chain,
    wider_scope,
    wrong_employment,
)
from samples.generate.world import World

HERE = Path(__file__).resolve().parent.parent


def build() -> World:
    """The whole year."""
    world = World()
    staff.hire(world)
    background.populate(world)
    for story in (wrong_employment, alias_approval, wider_scope, leaver_kept, role_chain, nobody_asked):
        story.tell(world)
    tables.spring_review(world)
    return world


def write(folder: Path) -> None:
    """Write `evidence/` and `stories.json` into `folder`, in place of those that are there."""
    world, evidence = build(), folder / "evidence"
    shutil.rmtree(evidence, ignore_errors=True)
    cloudtrail.write(world.cloudtrail, evidence)
    okta.write(world.okta, evidence / "okta")
    github.write(world.github, evidence / "github")
    jira.write(world.jira, evidence / "jira")
    servicenow.write(world.servicenow, evidence / "servicenow")
    tables.write(world, evidence)
    register.write(world, evidence / "register")
    (folder / "stories.json").write_text(json.dumps(world.expected, indent=1) + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
