"""The lineage as a picture."""

import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.show.examples import CONFORMING, UNDETERMINED, WRONG, hostile

from tracer.errors import TracerError
from tracer.show import picture
from tracer.show.lanes import lanes_of
from tracer.show.picture import NoRendererError, clean_svg, dot_of, svg_of


def test_the_way_from_the_root_to_the_access_is_marked() -> None:
    graph = lanes_of([WRONG])
    wrong = {data["lane"] for _, data in graph.nodes(data=True) if data["wrong"]}
    assert wrong == {"source-data", "rule", "execution", "access"}
    assert not any(data["wrong"] for _, data in lanes_of([CONFORMING]).nodes(data=True))


def test_many_grants_are_folded() -> None:
    grants = [WRONG | {"grant": WRONG["grant"] | {"id": f"{n:020d}"}} for n in range(1000)]
    graph = lanes_of(grants)
    assert len(graph) < 40
    assert graph.nodes["others-access"]["text"] == "996 others"


def test_many_links_of_one_lane_are_folded_and_stay_connected() -> None:
    links = [
        {"at": None, "what": f"fact {n}", "basis": "explicit", "evidence": [{"file": "a.csv", "ordinal": n}]}
        for n in range(50)
    ]
    graph = lanes_of([CONFORMING | {"lineage": CONFORMING["lineage"] | {"source_data": links}}])
    assert graph.nodes["others-source-data"]["folded"] == 40
    assert list(graph.successors("others-source-data"))


def test_text_from_evidence_is_never_a_node_id_an_escape_or_a_link() -> None:
    dot = dot_of([hostile()])
    assert "\x1b" not in dot
    assert "\u202e" not in dot
    assert "URL" not in dot
    assert "href" not in dot
    for line in dot.splitlines():
        if line.strip().startswith(("n", '"n')) and "[label" in line:
            assert line.strip().split(" ")[0].strip('"').lstrip("n").isalnum()


def test_the_drawn_picture_is_svg_without_script_or_link() -> None:
    svg = svg_of(dot_of([hostile(), WRONG, UNDETERMINED]))
    root = ElementTree.fromstring(svg)
    tags = {str(element.tag).rpartition("}")[2] for element in root.iter()}
    assert tags <= picture.KEPT
    assert "&lt;script&gt;" in svg


def test_scripts_links_and_handlers_do_not_survive_cleaning() -> None:
    dirty = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="x()">'
        '<script>x()</script><a xlink:href="javascript:x()"><text>linked</text></a><image href="http://e.example"/>'
        '<g onclick="x()" style="background:url(http://e.example)"><text x="1">kept</text></g></svg>'
    )
    clean = clean_svg(dirty)
    assert "kept" in clean
    for gone in ("script", "onload", "onclick", "href", "image", "style", "linked"):
        assert gone not in clean


def test_a_picture_that_is_no_svg_is_a_stated_problem() -> None:
    with pytest.raises(TracerError, match="no SVG"):
        clean_svg("Segmentation fault")


def test_without_the_system_graphviz_the_wheel_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    which = shutil.which

    def no_dot(name: str, path: str | None = None) -> str | None:
        return None if name == "dot" else which(name, path=path)

    monkeypatch.setattr(shutil, "which", no_dot)
    assert picture.renderer() is not None
    assert "<svg" in svg_of(dot_of([WRONG]))


def test_without_any_renderer_one_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(NoRendererError, match="write DOT"):
        svg_of(dot_of([WRONG]))


def test_a_grant_of_which_nothing_is_in_evidence_is_drawn_alone() -> None:
    graph = lanes_of([CONFORMING | {"lineage": {}, "uses": {"count": None}}])
    assert [data["lane"] for _, data in graph.nodes(data=True)] == ["access"]
