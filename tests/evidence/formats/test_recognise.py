"""Which source a file is: the most conditions win a record, the most records win the file."""

from dataclasses import replace
from itertools import combinations

from tests.evidence.formats.build import declared

from tracer.evidence.conditions import conditions
from tracer.evidence.recognise import best_of


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
