"""What tracer says about a folder of evidence, without what may differ: ids, files and ordinals."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

Answer = dict[str, Any]
ROOT = (
    "class",
    "mode",
    "control_point",
    "part",
    "control",
    "owner",
    "owner_role",
    "owner_basis",
    "responsibility",
)
DEFECT = ("control", "mode", "owner", "count", "first_at", "last_at")


def answer(
    case_path: Path,
    parts: Sequence[Sequence[Path]],
    query: dict[str, str],
    *,
    workers: int = 1,
) -> Answer:
    """Ingests each part in turn, judging after each, and asks the case's question."""
    # imported here, so that the transformers are tested even where tracer itself cannot be
    from tracer.case.opening import open_case
    from tracer.evidence.ingest import ingest
    from tracer.judgement.judge import judge
    from tracer.questions.defects import defects
    from tracer.questions.why import why

    for paths in parts:
        ingest(str(case_path), [str(path) for path in paths], workers=workers)
        with open_case(str(case_path)) as connection:
            judge(connection)
    with open_case(str(case_path)) as connection:
        told = why(
            connection, query["identity"], query["entitlement"], system=query["system"], at=query.get("at")
        )
        got = next((each for each in told if each["verdict"] == "wrong-access"), told[0])
        return _told(got) | {
            "defects": _sorted({key: row[key] for key in DEFECT} for row in defects(connection))
        }


def _told(got: Answer) -> Answer:
    root = got["root"]
    executor = got["lineage"]["executor"] or {}
    return {
        "verdict": got["verdict"],
        "grant": {
            key: got["grant"][key]
            for key in ("identity", "system", "entitlement", "granted_at", "ended_at", "wrong_since")
        },
        "root": root and {key: root[key] for key in ROOT} | {"shared_with": sorted(root["shared_with"])},
        "contributing": sorted(finding["mode"] for finding in got["contributing"]),
        "missing": _sorted({"need": each["need"], "period": each["period"]} for each in got["missing"]),
        "executor": {key: executor.get(key) for key in ("account", "identity", "started_by", "on_behalf_of")},
    }


def _sorted(rows: Any) -> list[Any]:
    return sorted(rows, key=repr)
