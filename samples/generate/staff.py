"""The people whom stories and approvals name, and the accounts they have beside the shared e-mail."""

from samples.generate.world import AWS, DOMAIN, World

CRM_LEAD = f"petra.holmgren@{DOMAIN}"
DATA_LEAD = f"rasmus.falk@{DOMAIN}"
ENGINEERING_LEAD = f"signe.bergman@{DOMAIN}"
CLOUD_LEAD = f"otto.lundin@{DOMAIN}"
PAYROLL_LEAD = f"maja.ostrom@{DOMAIN}"

LEADS = [
    ("Petra Holmgren", "Sales"),
    ("Rasmus Falk", "Support"),
    ("Signe Bergman", "Engineering"),
    ("Otto Lundin", "Platform"),
    ("Maja Ostrom", "Finance"),
]
PLATFORM = [
    "Vera Lindqvist",
    "Kasper Nyberg",
    "Lovisa Engdahl",
    "Ebbe Winther",
    "Nils Ahlberg",
    "Tuva Sandell",
]
PIPELINE = f"arn:aws:iam::{AWS}:role/infra-pipeline"
PIPELINE_SUBJECT = "repo:larkfield/infrastructure:ref:refs/heads/main"


def hire(world: World) -> None:
    """Those who approve, and the platform team with its AWS users and GitHub logins."""
    for name, department in LEADS:
        world.person(name, department)
    for name in PLATFORM:
        person = world.person(name, "Platform")
        world.accounts[person.email] = [
            ("aws", f"arn:aws:iam::{AWS}:user/{person.login}"),
            ("github", f"lark-{person.login.replace('.', '-')}"),
        ]
