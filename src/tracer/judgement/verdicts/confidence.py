"""How sure a finding is: the chance that every link it rests on is what it is taken for.

It starts at 1 and is multiplied once for each link that is not an id in a record, and for what is not in evidence:

* TICKET: the ticket was found by beneficiary, entitlement and time, not by an id in the log
* EXCEPTION: the exception was found by identity, entitlement and time, or an override was taken to belong to the next grant
* VERSION: the log names the rule without its version; the one in force is taken
* INPUTS: the engine did not log what it read; what the source held then is taken
* DOUBTED: the decision of the rule does not come out as recorded when it is replayed
* SILENCE: the check fails by what is not there, in files that cover the time; a record may still be missing from them
* OWNER: no control with a filled seat answers, so that the owner is derived
* MISSING: another check of the same grant, that leaves open whether the access was right, found no evidence

So it is 1 only where every link is explicit and nothing that matters is missing, and never where a link is inferred.
The factors are set so that of findings with confidence c about c come out right in `benchmarks/accuracy`. There, of
the roots that only MISSING weakens, 85 of 100 were right, of those that SILENCE does, too, 76: what is missing mostly
hides a worse fault of the same grant.
"""

import sqlite3

from tracer.judgement.checks.modes import Mode

TICKET = EXCEPTION = VERSION = INPUTS = OWNER = 0.95
MISSING = 0.82
DOUBTED = 0.8
SILENCE = 0.98

SILENT = frozenset(
    (
        "no-decision", "exception-unrecorded", "self-service-bypass", "renewal-unapproved", "not-verified",
        "removal-not-verified", "review-missed", "unused-unreviewed", "revocation-missed", "unlogged-grant",
        "rotation-overdue", "compromise-not-rotated", "shared-secret-known-to-leaver",
    )
)  # fmt: skip
"""Modes that fail because a record is not there."""

COLUMNS = """g.ticket_basis = 'inferred' AS ticket_inferred,
  (g.exception IS NOT NULL AND v.exception IS NULL AND coalesce(v.ticket, '') <> g.exception) OR g.override_event_id IS NOT NULL AS exception_inferred,
  g.basis = 'rule' AND v.rule_version IS NULL AS version_inferred,
  g.basis = 'rule' AND coalesce(v.inputs, '{}') = '{}' AS inputs_inferred"""
"""What is asked of `grants g LEFT JOIN events v ON v.id = g.event_id` for it."""


def confidence(check: sqlite3.Row, mode: Mode) -> float:
    """The confidence of one failing check, between 0 and 1, in steps of a hundredth."""
    weak = [
        (TICKET, check["ticket_inferred"]),
        (EXCEPTION, check["exception_inferred"]),
        (VERSION, check["version_inferred"]),
        (INPUTS, check["inputs_inferred"] and mode.klass != "execution"),
        (DOUBTED, check["doubted"]),
        (SILENCE, mode.id in SILENT),
        (OWNER, check["basis"] == "derived"),
        (MISSING, check["missing"]),
    ]
    sure = 1.0
    for factor, applies in weak:
        sure *= factor if applies else 1.0
    return round(sure, 2)
