"""The lineage as PROV-JSON, GraphML and Mermaid."""

import json
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from tests.show.examples import WRONG, hostile
from tests.story import Judged, Story

from tracer.questions.provenance import Provenance, provenance_of
from tracer.questions.why import why
from tracer.show.mermaid import mermaid_of
from tracer.show.picture import dot_of
from tracer.show.provenance import graphml, prov_json


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    story = Story().role(eligible='identity.department == "Finance"', approval="required")
    story.authority("rosa.lund").person("nora.weber")
    story.ticket("ACC 1", "nora.weber", "2026-02-02T08:00:00Z", [("rosa.lund", "2026-02-02T09:00:00Z")])
    story.grant("2026-02-02T10:00:00Z", "nora.weber", ticket="ACC 1")
    return story.until("2026-04-30T08:00:00Z").judge(tmp_path_factory.mktemp("prov"))


@pytest.fixture(scope="module")
def found(judged: Judged) -> Provenance:
    return provenance_of(judged.connection, [judged.why("nora.weber")["grant"]["id"]])


def test_prov_json_has_every_relation_of_the_case_with_its_record(judged: Judged, found: Provenance) -> None:
    (many,) = judged.connection.execute("SELECT count(*) FROM lineage").fetchone()
    document = json.loads(prov_json(found))
    relations = [
        one
        for name, kind in document.items()
        if name not in ("prefix", "entity", "activity", "agent")
        for one in kind.values()
    ]
    assert len(relations) == many > 4
    assert all(one["tracer:sha256"] and one["tracer:basis"] for one in relations)


def test_prov_json_is_what_the_standard_says_of_ends(found: Provenance) -> None:
    document = json.loads(prov_json(found))
    kinds = {"entity": "entity", "activity": "activity", "agent": "agent"}
    kinds |= {"generatedEntity": "entity", "usedEntity": "entity"}
    for name in ("used", "wasGeneratedBy", "wasAssociatedWith", "wasDerivedFrom"):
        for one in document[name].values():
            for end, node in one.items():
                if end.startswith("prov:"):
                    assert node in document[kinds[end.removeprefix("prov:")]], (name, end)
    assert "tracer:request-ACC%201" in document["entity"]


def test_graphml_reads_back_as_the_same_graph(found: Provenance) -> None:
    graph = nx.parse_graphml(graphml(found))
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (len(found.nodes), len(found.relations))
    grant = next(data for _, data in graph.nodes(data=True) if data["kind"] == "grant")
    assert (grant["identity"], grant["entitlement"]) == ("nora.weber@corp.example", "gl-poster")


def test_text_from_evidence_stands_in_mermaid_only_as_an_escaped_label() -> None:
    text = mermaid_of([hostile(), WRONG])
    for line in text.splitlines():
        if "[" in line:
            label = line.split('["', 1)[1].removesuffix('"]')
            assert not set('"`\\') & set(label)
            assert "<" not in label.replace("<br/>", "")
    assert "class n" in text


def test_what_an_analyst_said_of_a_failure_stands_in_the_picture() -> None:
    said = {
        "disposition": "disputed",
        "because": "it was agreed",
        "by": "ada",
        "at": "2026-03-01T08:00:00.000Z",
    }
    answer = WRONG | {"root": WRONG["root"] | {"dispositions": [said]}}
    assert f"{WRONG['root']['mode']} (disputed)" in dot_of([answer]).replace("\n", " ")
    assert f"{WRONG['root']['mode']} (disputed)" in mermaid_of([answer])


def test_inherited_access_is_exported_with_the_link_that_decides(tmp_path: Path) -> None:
    story = (
        Story().rule("true", "R-GROUPS", grants=[{"system": "erp", "entitlement": "*"}]).person("nora.weber")
    )
    story.identity("staff", "group", accounts=[{"system": "erp", "name": "staff"}])
    by_rule: dict[str, Any] = {"rule": "R-GROUPS", "rule_version": 1, "inputs": {"name": "any"}}
    story.act("2026-02-02T08:00:00Z", "grant", "staff", "gl-poster", executor="erp-engine", **by_rule)
    story.grant("2026-02-02T10:00:00Z", "nora.weber", "staff", **by_rule)
    judged = story.until("2026-04-30T08:00:00Z").judge(tmp_path)
    [answer] = why(judged.connection, "nora.weber@corp.example", "gl-poster")
    link = answer["grant"]["link"]["id"]
    found = provenance_of(judged.connection, [answer["grant"]["id"], link])
    assert ("grant", link) in found.nodes
    assert any(one["from_id"] == link for one in found.relations)
