"""Fields that say what was done, as long and as repetitive as an attacker likes: none takes longer than its length says.

None of these tests measures time: where every division of a field is tried, each would take hours.
"""

from typing import Any

import pytest

from tracer.case.emails import is_email
from tracer.sources.exact import RecordError
from tracer.sources.git.review import trailers
from tracer.sources.hooks import cyberark, m365, okta, salesforce, snowflake, wallix, zendesk

MANY = 1_000_000
PARTS = [
    " ",
    "a",
    "a ",
    "(",
    ")",
    '"',
    ",",
    "\\",
    "'",
    "[",
    "]",
    ".",
    "\n",
    "<",
    "a.",
    ", a",
    "/*",
    "--",
    '""',
]


@pytest.mark.parametrize(
    "part", [*PARTS, " from ", " to ", " from to ", " assigned to user ", "005000000000001"]
)
@pytest.mark.parametrize(
    "begin", ["", "Changed role for user ", "Permission set a assigned to user ", "Granted 1 User "]
)
def test_a_sentence_of_salesforce(begin: str, part: str) -> None:
    for size, well in ((salesforce.LONGEST, True), (MANY, False)):
        text = (begin + part * (size // len(part)))[:size]
        try:
            assert salesforce.prepare({"Display": text, "Action": "x", "Date": text})
            assert well or not text
        except RecordError as error:
            assert not well and "characters" in str(error)


@pytest.mark.parametrize("part", [*PARTS, " on ", " to ", ". .", "a.b.", "a on ", '"a".', "grant "])
@pytest.mark.parametrize(
    "begin", ["", "grant role ", "revoke ", "grant select on table ", "create user ", "alter user a set "]
)
def test_a_statement_of_snowflake(begin: str, part: str) -> None:
    assert snowflake.prepare({"QUERY_TEXT": begin + part * (MANY // len(part))})


@pytest.mark.parametrize(
    "part", [*PARTS, "a [", "[a]", "' to '", " role changed from a to ", "ClientId: ", "Scope: a"]
)
def test_other_fields(part: str) -> None:
    text = part * (MANY // len(part))
    calls: list[tuple[Any, dict[str, Any]]] = [
        (okta.prepare, {"debugContext": {"debugData": {"privilegeGranted": text}}, "eventType": "user.account.privilege.grant"}),
        (wallix.prepare, {"infos": text, "action": "edit", "type": "user"}),
        (wallix.prepare, {"object": text, "action": "edit", "type": "approval"}),
        (zendesk.prepare, {"change_description": text}),
        (cyberark.prepare, {"action": text, "auditCode": "x"}),
    ]  # fmt: skip
    for prepare, record in calls:
        try:
            assert isinstance(prepare(record), list)
        except RecordError as error:
            assert "characters" in str(error)
    assert isinstance(m365._scopes(text), list)
    assert not is_email(f"a@{text}\n") and not is_email(text)
    assert isinstance(trailers(f"subject\n\nFixes: {text}"), list)


@pytest.mark.parametrize(
    ("text", "well"),
    [("a@b.c", True), ("a@b..c", True), ("a@b.c.", True), ("a@.b.c", True), ("a@b", False), ("a@.b", False), ("a@b.", False),
     ("@b.c", False), ("a@b@c.d", False), ("a b@c.d", False), ("x.y@b-c.d", True), ("a@..", False), ("a@...", True)],
)  # fmt: skip
def test_what_has_the_form_of_an_address(text: str, well: bool) -> None:
    assert is_email(text) is well


def test_a_name_of_snowflake_in_quotes_keeps_its_blanks() -> None:
    [one] = snowflake.prepare({"QUERY_TEXT": 'grant   usage\non schema  Sales."a  ""b"  to\trole  r1'})
    assert (
        one["change"]
        == snowflake.prepare({"QUERY_TEXT": 'grant usage on schema sales."a  ""b" to role R1'})[0]["change"]
    )
    assert "a  " in str(one["change"])
