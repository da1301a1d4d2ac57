"""Which source a file is: the most conditions win a record, the most records win the file."""

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from tests.evidence.formats.build import declared

from tracer.evidence.ingest import ingest
from tracer.evidence.recognise import best_of
from tracer.sources.conditions import conditions


def test_the_declaration_that_asks_more_of_a_record_has_it() -> None:
    wide = replace(declared("json", ("action", "actor")), name="wide")
    narrow = replace(declared("json", ("action", "actor", "org|team")), name="narrow")
    by_value = replace(
        declared("json", ("action",)), recognise_values=conditions({"kind": {"prefix": ["a"]}})
    )
    everything = [wide, narrow, by_value]
    assert [one.name for one in best_of({"action": 1, "actor": 1}, everything)] == ["wide"]
    assert [one.name for one in best_of({"action": 1, "actor": 1, "team": 1}, everything)] == ["narrow"]
    assert best_of({"action": 1, "kind": "abc"}, everything) == [by_value]
    assert best_of({"actor": 1}, everything) == []
    for one, other in combinations(everything, 2):
        assert best_of({"action": 1, "actor": 1, "org": None, "team": None}, [one, other])


def test_lines_of_json_among_lines_of_text_are_one_file(case_path: Path, tmp_path: Path) -> None:
    leef = "2026-02-04T08:00:0{}Z vault1 LEEF:1.0|Cyber-Ark|Vault|14|180|sev=6\tAction=Add User\tusrName=adm\tTargetUser=u{}\n"
    line = {
        "uuid": "9",
        "timestamp": 1770000000000,
        "username": "adm",
        "auditCode": "PAM1",
        "action": "Add User",
    }
    lines = [json.dumps(line | {"uuid": str(number)}) + "\n" for number in range(7)]
    file = tmp_path / "vault.log"
    file.write_text("".join(lines + [leef.format(number, number) for number in range(2)]), encoding="utf-8")
    (books,) = ingest(case_path, [str(file)]).files
    assert (books.source, books.kept, books.rejected) == ("cyberark-syslog", 9, 0)
    file.write_text("".join([*lines, "{broken\n"]), encoding="utf-8")
    (tmp_path / "second").mkdir()
    (books,) = ingest(tmp_path / "second" / "case.db", [str(file)]).files
    assert (books.source, books.kept, books.rejected) == ("cyberark-audit", 7, 1)
