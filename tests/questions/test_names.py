"""A name that is written exactly as somebody is called means that one, whoever else is called nearly so."""

from pathlib import Path

import pytest

from tracer.case.opening import open_case
from tracer.errors import UsageError
from tracer.questions.names import entitlement_named, identity_named

LOOKALIKE = "root\N{KELVIN SIGN}"
"""Folded it is `rootk`."""


def test_what_is_written_exactly_goes_before_what_differs_in_case(case_path: Path) -> None:
    connection = open_case(case_path, create=True)
    for number, name in enumerate(("rootk", "RootK", LOOKALIKE, "nora", "Nora", "straße", "STRASSE")):
        connection.execute("INSERT INTO identities (id, kind, name) VALUES (?, 'human', ?)", (name, name))
        connection.execute("INSERT INTO entitlements (id, system, name) VALUES (?, 'erp', ?)", (number, name))
    for name in ("rootk", "RootK", LOOKALIKE, "nora", "Nora", "straße", "STRASSE"):
        assert identity_named(connection, name) == name
        assert entitlement_named(connection, name, None)["name"] == name
    for name in ("ROOTK", "NORA", "Strasse"):
        with pytest.raises(UsageError, match="more than one"):
            identity_named(connection, name)
        with pytest.raises(UsageError, match="more than one"):
            entitlement_named(connection, name, "ERP")
