"""A judged case in which every text that evidence and register can write is hostile, read in on the normal path."""

from pathlib import Path

from tests.story import Story, mail

FIRES = "<img src=x onerror=\"window.fired=1;document.title='fired'\"><script>window.fired=1;document.title='fired'</script>"
"""What would run if a page took text for markup."""

CHARACTERS = "\x1b[2J\x1b]0;owned\x07\x9b1m\x7f\x00\u200b\u200f\u202e\u2066\u2028\u2029\ufeff\ufffe\uffff\ufdd0\U0001ffff\U000e0041\u00ad"
"""What acts on a terminal, turns the reading direction, is not seen, or is no character."""

MARKUP = (
    FIRES
    + "'\"`]]>&amp;{{7*7}}{%x%}%%{init: {}}%%|[x](javascript:window.fired=1)\\N\\n;=HYPERLINK(1)\r\n# forged"
)
SECRET = "password=hunter2hunter2"

EVIL = CHARACTERS + MARKUP + " " + SECRET
RAW = tuple(CHARACTERS.replace("[2J", "").replace("]0;owned", "").replace("1m", ""))
"""Characters that may stand nowhere in what is shown."""

IN_CSV = EVIL.replace("\x00", "")
"""A file of text with a NUL in it would be none to its readers."""

NAME = f"nora{EVIL}"
PERSON = f"nora.weber{IN_CSV}@corp.example"
GRANTED = f"=gl-poster{IN_CSV}"
SYSTEM = f"erp{IN_CSV}"
FILE = "\x1b[2J\u202egpj.<img src=x onerror=window.fired=1>\nforged;=1"


def story() -> Story:
    """A grant without approval, one that a rule gave, one with a ticket; all names hostile."""
    told = Story()
    told.person(PERSON).person("otto.kern")
    told.register["identities"] = [
        one | {"id": one["id"] + EVIL, "purpose": EVIL, "owner": mail("platform") + EVIL}
        for one in told.register["identities"]
    ]
    for control in told.register["controls"]:
        control["owners"] = [
            seat | {"owner": f"{seat['owner']}{EVIL}", "role": EVIL} for seat in control["owners"]
        ]
    told.rule(
        f"department == 'Finance' && title != {EVIL!r}", name=f"R-ERP{EVIL}", owner=mail("erp-apps") + EVIL
    )
    told.role(GRANTED, f"department == {EVIL!r}", system=SYSTEM)
    told.authority(f"rosa{EVIL}@corp.example", GRANTED, SYSTEM)
    told.act(
        "2026-01-10T09:00:00Z",
        "grant",
        PERSON,
        GRANTED,
        executor=f"desk{EVIL}",
        system=SYSTEM,
        ticket=f"ACC-1{EVIL}",
    )
    told.act("2026-01-11T09:00:00Z", "grant", PERSON, "gl-poster", executor=f"desk{EVIL}")
    told.act("2026-01-12T09:00:00Z", "grant", NAME, "gl-poster", rule=f"R-ERP{EVIL}", executor="erp-engine")
    told.ticket(
        f"ACC-1{EVIL}",
        PERSON,
        "2026-01-09T09:00:00Z",
        [(f"rosa{EVIL}@corp.example", "2026-01-09T10:00:00Z")],
        entitlement=GRANTED,
        system=SYSTEM,
        scope=EVIL,
        justification=EVIL,
        history=[("2026-01-09T11:00:00Z", f"rosa{EVIL}", EVIL)],
    )
    told.ticket_export("2025-12-01T00:00:00Z", "2026-03-01T00:00:00Z")
    told.review("2026-02-01T09:00:00Z", PERSON, reviewer=f"rosa{IN_CSV}@corp.example")
    told.held("2026-02-02T00:00:00Z", PERSON, GRANTED, SYSTEM)
    told.until("2026-03-01T00:00:00Z")
    return told


def hostile_case(folder: Path) -> Path:
    """The case file; two of the files of evidence have hostile names."""
    from tracer.case.opening import open_case
    from tracer.evidence.ingest import ingest
    from tracer.judgement.judge import ensure_judged

    evidence = story().write(folder / "evidence")
    (evidence / "provisioning.jsonl").rename(evidence / f"{FILE}.jsonl")
    (evidence / f"{FILE}.txt").write_text(f"nothing that is known {EVIL}\n", encoding="utf-8")
    summary = ingest(folder / "case.db", [str(evidence)])
    assert summary.problems == [], summary.problems
    connection = open_case(folder / "case.db")
    ensure_judged(connection)
    connection.close()
    return folder / "case.db"
