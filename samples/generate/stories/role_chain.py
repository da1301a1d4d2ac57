"""AdministratorAccess, three times approved: by hand through two roles, by the pipeline on a delegation, in an emergency."""

from datetime import datetime, timedelta

from samples.generate.formats.cloudtrail import assume, record, user_identity, web_identity
from samples.generate.staff import CLOUD_LEAD, ENGINEERING_LEAD, PIPELINE_SUBJECT
from samples.generate.world import AWS, DOMAIN, World, at, iso, token

POLICY = "AdministratorAccess"
ARN = f"arn:aws:iam::aws:policy/{POLICY}"


def tell(world: World) -> None:
    """The first is outside the process; the other two look it and are not."""
    by_hand(world)
    delegated(world)
    emergency(world)


def user(email: str) -> str:
    """The ARN of someone's AWS user."""
    return f"arn:aws:iam::{AWS}:user/{email.partition('@')[0]}"


def policy(
    world: World, time: datetime, identity: dict[str, object], email: str, name: str = "AttachUserPolicy"
) -> None:
    """The policy is attached to, or detached from, someone's user."""
    request: dict[str, object] = {"userName": email.partition("@")[0], "policyArn": ARN}
    world.cloudtrail.append(record(time, identity, "iam.amazonaws.com", name, request))


def pipeline(world: World, time: datetime) -> dict[str, object]:
    """The pipeline starts its role with the build service's token."""
    issued, session = assume(
        time, web_identity(PIPELINE_SUBJECT), "infra-pipeline", "apply", "AssumeRoleWithWebIdentity"
    )
    world.cloudtrail.append(issued)
    return session


def asked(world: World, email: str, time: datetime, approver: str) -> datetime:
    """A request, approved two hours later."""
    decided = time + timedelta(hours=2)
    world.ticket(
        "jira",
        requester=email,
        beneficiary=email,
        system="aws",
        entitlement=POLICY,
        asked=time,
        approver=approver,
        decided=decided,
    )
    return decided


def by_hand(world: World) -> None:
    """Kasper takes the build role, from it the account's administrator, and attaches the policy himself."""
    lovisa, kasper = f"lovisa.engdahl@{DOMAIN}", user(f"kasper.nyberg@{DOMAIN}")
    decided = asked(world, lovisa, at("2026-01-20T09:00"), CLOUD_LEAD)
    start = decided + timedelta(hours=1)
    first, build = assume(
        start,
        user_identity(kasper, "AKIA" + token("key", kasper, length=16).upper()),
        "build-deploy",
        "release-412",
    )
    second, admin = assume(start + timedelta(minutes=3), build, "account-admin", "maintenance")
    world.cloudtrail += [first, second]
    policy(world, start + timedelta(minutes=7), admin, lovisa)
    world.verified(start + timedelta(hours=3), "aws", user(lovisa), POLICY)
    world.expect(
        "role-chain",
        lovisa,
        "aws",
        POLICY,
        "wrong-access",
        "unauthorised-executor",
        f"cloud-platform@{DOMAIN}",
    )


def delegated(world: World) -> None:
    """Signe approves in February, for Otto has delegated to her; the pipeline delivers."""
    nils = f"nils.ahlberg@{DOMAIN}"
    world.extra_authorities.append(
        {
            "approver": ENGINEERING_LEAD,
            "system": "aws",
            "entitlement": POLICY,
            "from": "2026-02-01",
            "to": "2026-03-01",
            "delegated_by": CLOUD_LEAD,
        }
    )
    decided = asked(world, nils, at("2026-02-10T09:00"), ENGINEERING_LEAD)
    session = pipeline(world, decided + timedelta(minutes=30))
    policy(world, decided + timedelta(minutes=32), session, nils)
    world.verified(decided + timedelta(hours=3), "aws", user(nils), POLICY)
    world.expect("valid-delegation", nils, "aws", POLICY, "conforming")


def emergency(world: World) -> None:
    """At night, without a ticket: the exception was recorded first and the access taken back before its end."""
    tuva, start = f"tuva.sandell@{DOMAIN}", at("2026-04-18T02:10")
    world.exceptions.append(
        [
            "EX-31",
            "break-glass",
            tuva,
            "aws",
            POLICY,
            CLOUD_LEAD,
            iso(start - timedelta(minutes=8)),
            CLOUD_LEAD,
            iso(start + timedelta(hours=8)),
            f"cloud-platform@{DOMAIN}",
        ]
    )
    policy(world, start, pipeline(world, start - timedelta(minutes=2)), tuva)
    world.verified(start + timedelta(hours=1), "aws", user(tuva), POLICY)
    end = start + timedelta(hours=5)
    policy(world, end, pipeline(world, end - timedelta(minutes=2)), tuva, "DetachUserPolicy")
    world.expect("break-glass", tuva, "aws", POLICY, "conforming")
