"""The check files: each says in its header what the table says of its failure mode."""

from importlib.resources import files

import pytest

from tracer.judgement.checks.files import STAGES, checks, header
from tracer.judgement.checks.modes import modes

COLUMNS = ("class", "control_point", "part", "owner", "question", "frameworks")


@pytest.mark.parametrize("name", list(modes()))
def test_the_header_of_a_check_says_what_the_table_says(name: str) -> None:
    mode = modes()[name]
    text = (files("tracer.judgement") / "checks" / f"{name}.sql").read_text(encoding="utf-8")
    said = header(text)
    told = (
        mode.klass,
        mode.control_point,
        mode.part,
        mode.default_owner,
        mode.question,
        ";".join(mode.frameworks),
    )
    assert said == {"id": name, **dict(zip(COLUMNS, told, strict=True))} | {
        key: said[key] for key in ("evidence", "after") if key in said
    }
    assert said["evidence"]
    assert said.get("after", "") in STAGES


def test_every_failure_mode_has_a_check() -> None:
    assert list(checks()) == list(modes())
