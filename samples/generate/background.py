"""Everyday life: people join, move and leave, ask for access and get it as they should."""

from datetime import datetime, timedelta

from samples.generate.formats.cloudtrail import call
from samples.generate.formats.github import audit
from samples.generate.formats.okta import sign_in
from samples.generate.staff import CRM_LEAD, DATA_LEAD, ENGINEERING_LEAD
from samples.generate.world import END, START, Person, World, choose

FIRST = ["Alva", "Bram", "Cosima", "Dario", "Elin", "Fabio", "Greta", "Hanno", "Ilka", "Jonas"]
LAST = ["Aalto", "Brandt", "Costa", "Dietz", "Eklund", "Fonseca"]
DEPARTMENTS = ["Finance", "Engineering", "Sales", "Support"]


def ledger(world: World, person: Person) -> None:
    """The rules engine gives an employee of Finance the ledger, from the day of joining."""
    time = max(person.joined, START) + timedelta(hours=7)
    inputs = {"department": "Finance", "employment_type": "FTE", "status": "active"}
    world.log(
        time,
        "grant",
        "ledger",
        person.email,
        "post-entries",
        "rules-engine",
        rule="R-LEDGER",
        rule_version=2,
        inputs=inputs,
    )
    world.verified(time + timedelta(hours=3), "ledger", person.email, "post-entries")


def wiki(world: World, person: Person) -> None:
    """Everyone who is active writes in the wiki."""
    time = max(person.joined, START) + timedelta(hours=6)
    inputs = {"department": person.department, "employment_type": person.employment, "status": "active"}
    world.log(
        time,
        "grant",
        "wiki",
        person.email,
        "editor",
        "rules-engine",
        rule="R-WIKI",
        rule_version=1,
        inputs=inputs,
    )
    world.verified(time + timedelta(hours=3), "wiki", person.email, "editor")


def leaves(world: World, person: Person, days: int) -> None:
    """The leave is recorded in time, and everything is taken back on that day."""
    day = START + timedelta(days=days)
    world.claim(person, "status", "left", day, day - timedelta(days=2))
    held = [("wiki", "editor", "R-WIKI", 1)] + (
        [("ledger", "post-entries", "R-LEDGER", 2)] if person.department == "Finance" else []
    )
    for system, entitlement, rule, version in held:
        time = day + timedelta(hours=5)
        world.log(
            time, "revoke", system, person.email, entitlement, "rules-engine", rule=rule, rule_version=version
        )


def moves(world: World, person: Person, days: int) -> None:
    """From Finance to Legal, recorded in time; the ledger is taken back on that day."""
    day = START + timedelta(days=days)
    world.claim(person, "department", "Legal", day, day - timedelta(days=5))
    time = day + timedelta(hours=5)
    world.log(
        time,
        "revoke",
        "ledger",
        person.email,
        "post-entries",
        "rules-engine",
        rule="R-LEDGER",
        rule_version=2,
    )


def populate(world: World) -> None:
    """Sixty people over a year, with what they were given and what they did."""
    for number in range(60):
        name = f"{FIRST[number % 10]} {LAST[number // 10]}"
        department = DEPARTMENTS[number % 4]
        joined = None if number < 40 else START + timedelta(days=12 * (number - 39))
        person = world.person(name, department, joined=joined)
        first = max(person.joined, START)
        wiki(world, person)
        if department == "Finance":
            ledger(world, person)
        if department == "Engineering":
            world.accounts[person.email] = [("aws", f"arn:aws:iam::111122223333:user/{person.login}")]
            world.accounts[person.email].append(("github", f"lark-{person.login.replace('.', '-')}"))
        if number % 9 == 5 and number < 40:
            leaves(world, person, 60 + 6 * number)
            continue
        if number in (8, 28):
            moves(world, person, 90 + number)
        if department == "Sales":
            crm(world, person, first + timedelta(days=5, hours=9))
        if department == "Support":
            warehouse(world, person, first + timedelta(days=4, hours=8))
        if department == "Engineering":
            engineering(world, person, first + timedelta(days=6, hours=9))
        for month in range(12):
            time = first + timedelta(days=8 + 29 * month, hours=number % 9, minutes=number)
            if time < END:
                world.okta.append(sign_in(person, time))


def crm(world: World, person: Person, asked: datetime) -> None:
    """A seat in the CRM, asked for in ServiceNow and delivered by the desk's automation."""
    decided = asked + timedelta(hours=4)
    ticket = world.ticket(
        "servicenow",
        requester=person.email,
        beneficiary=person.email,
        system="crm",
        entitlement="sales-seat",
        asked=asked,
        approver=CRM_LEAD,
        decided=decided,
    )
    delivered(world, person.email, ticket.id, "crm", "sales-seat", decided)


def warehouse(world: World, person: Person, asked: datetime) -> None:
    """A reader of one schema of the data warehouse, delivered as approved."""
    scope = f"SUPPORT.{choose(['CASES', 'CHATS', 'SURVEYS'], person.email)}"
    deliver_reader(world, person, asked, scope, scope)


def deliver_reader(world: World, person: Person, asked: datetime, approved: str, scope: str) -> None:
    """A warehouse reader, approved for one scope and delivered with one, which may be another."""
    decided = asked + timedelta(hours=3)
    ticket = world.ticket(
        "jira",
        requester=person.email,
        beneficiary=person.email,
        system="warehouse",
        entitlement="DATA_READER",
        asked=asked,
        approver=DATA_LEAD,
        decided=decided,
        scope=approved,
    )
    delivered(world, person.email, ticket.id, "warehouse", "DATA_READER", decided, scope=scope)


def delivered(
    world: World,
    email: str,
    ticket: str,
    system: str,
    entitlement: str,
    decided: datetime,
    scope: str | None = None,
) -> None:
    """The desk's automation delivers an hour after the approval; the reconciler looks four hours later."""
    time = decided + timedelta(hours=1)
    world.log(time, "grant", system, email, entitlement, "desk-automation", ticket=ticket, scope=scope)
    world.verified(time + timedelta(hours=4), system, email, entitlement, ticket)


def engineering(world: World, person: Person, asked: datetime) -> None:
    """A place in the GitHub team of the department, and everyday calls in AWS."""
    (_, arn), (_, login) = world.accounts[person.email]
    decided = asked + timedelta(hours=2)
    world.ticket(
        "jira",
        requester=person.email,
        beneficiary=person.email,
        system="github",
        entitlement="larkfield/builders",
        asked=asked,
        approver=ENGINEERING_LEAD,
        decided=decided,
    )
    added = decided + timedelta(minutes=20)
    world.github.append(
        audit(added, "team.add_member", "lark-team-sync", team="larkfield/builders", user=login)
    )
    world.verified(added + timedelta(hours=2), "github", login, "larkfield/builders")
    world.github.append(audit(added + timedelta(days=1), "git.clone", login, repo="larkfield/parcel-api"))
    for day in range(20):
        time = asked + timedelta(days=13 * day, hours=1 + day % 5, minutes=7 * day % 60)
        if time < END:
            world.cloudtrail.append(
                call(time, arn, "s3.amazonaws.com", "GetBucketAcl", {"bucketName": "larkfield-parcels"})
            )
            world.cloudtrail.append(call(time, arn, "ec2.amazonaws.com", "DescribeInstances", {}))
