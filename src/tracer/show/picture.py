"""The lineage as a picture: DOT, and SVG drawn by the system's Graphviz or by the wheel that comes with tracer.

Text from evidence reaches DOT only as an escaped label: node ids are ours and no link is ever written. The drawn SVG
is read again, and only shapes and text of it are kept.
"""

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tracer.errors import TracerError
from tracer.machine.children import surroundings
from tracer.machine.importing import search_path
from tracer.show.lanes import LANES, lanes_of
from tracer.show.steps import FAIL, UNKNOWN, Answer
from tracer.show.text import cells

WRAP = 30
"""Characters per line in a node."""

RED, AMBER, GREY, INK = "#b3261e", "#8a5a00", "#5f6368", "#1f2328"

SVG = "http://www.w3.org/2000/svg"
KEPT = {"svg", "g", "title", "path", "polygon", "polyline", "ellipse", "text"}
KEPT_ATTRIBUTES = {
    *(
        "width",
        "height",
        "viewBox",
        "id",
        "class",
        "transform",
        "points",
        "d",
        "cx",
        "cy",
        "rx",
        "ry",
        "x",
        "y",
    ),
    *("fill", "stroke", "stroke-width", "stroke-dasharray"),
    *("text-anchor", "font-family", "font-size", "font-weight"),
}
"""All that a drawing of boxes, arrows and text needs; whatever else an SVG may carry is dropped."""


FONTS = ("HOME", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH")
"""What Graphviz needs of the environment to find fonts."""


class NoRendererError(TracerError):
    """Neither Graphviz nor graphviz-pure can be run."""


def dot_of(answers: Sequence[Answer], points: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """The lineage of these grants as DOT text, wrong path in red, folded where it is large."""
    import graphviz

    graph = lanes_of(answers, points)
    dot = graphviz.Digraph("lineage")
    dot.attr("graph", rankdir="LR", nodesep="0.2", ranksep="0.45", bgcolor="transparent")
    dot.attr("node", shape="box", style="rounded", fontname="Arial", fontsize="11", color=GREY, fontcolor=INK)
    dot.attr("edge", color=GREY, arrowsize="0.7")
    lanes = [lane for lane in LANES if any(data["lane"] == lane for _, data in graph.nodes(data=True))]
    for lane in lanes:
        with dot.subgraph() as column:
            column.attr(rank="same")
            for node, data in graph.nodes(data=True):
                if data["lane"] == lane:
                    column.node(node, _label(data["text"]), **_look(data))
            column.node(f"lane-{lane}", _label(LANES[lane]), shape="plaintext", fontcolor=GREY, style="")
    for left, right in pairwise(lanes):
        dot.edge(f"lane-{left}", f"lane-{right}", style="invis")
    for a, b, data in graph.edges(data=True):
        if data.get("wrong"):
            dot.edge(a, b, color=RED, penwidth="2.2")
        else:
            dot.edge(a, b)
    return str(dot.source)


def _look(data: Mapping[str, Any]) -> dict[str, str]:
    if data["wrong"]:
        return {"color": RED, "penwidth": "2.2" if data["root"] else "1.6", "fontcolor": RED}
    if data["mark"] == FAIL:
        return {"color": AMBER, "fontcolor": AMBER, "penwidth": "1.6"}
    if data["mark"] == UNKNOWN or data["folded"]:
        return {"style": "rounded,dashed", "fontcolor": GREY}
    return {}


def _label(text: str) -> str:
    """The text wrapped, with what DOT would read as an escape escaped; never taken for HTML, whatever it begins with."""
    import graphviz

    lines = [line for part in text.split("\n") for line in _wrapped(part)]
    label: str = graphviz.nohtml("\n".join(str(graphviz.escape(line)) for line in lines))
    return label


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        while cells(word) > WRAP:
            lines += [word[:WRAP], ""]
            word = word[WRAP:]
        if lines[-1] and cells(lines[-1]) + 1 + cells(word) > WRAP:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return [line for line in lines if line] or [""]


def svg_of(dot: str) -> str:
    """The DOT text drawn as SVG, shapes and text only. Raises as `drawn` does."""
    return clean_svg(drawn(dot, "svg").decode("utf-8", "replace"))


def drawn(dot: str, form: str) -> bytes:
    """The DOT text drawn as svg, png or pdf.

    Raises NoRendererError where no Graphviz that can do it can be run, TracerError where it fails.
    """
    binary = renderer()
    if binary is None:
        raise NoRendererError(
            "no Graphviz is installed to draw the picture",
            todo="install graphviz, or write DOT (-o FILE.dot)",
        )
    if form == "pdf" and binary.stem == "graphviz-pure":
        raise NoRendererError(
            "the Graphviz that comes with tracer draws no PDF",
            todo="install graphviz, or write SVG (-o FILE.svg)",
        )
    try:
        done = subprocess.run(
            [binary, "-Kdot", f"-T{form}"],
            input=dot.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
            env=surroundings(*FONTS),
        )
    except (subprocess.CalledProcessError, OSError) as error:
        raise TracerError(
            f"Graphviz could not draw the picture ({type(error).__name__})",
            todo="write DOT instead (-o FILE.dot)",
        ) from error
    return done.stdout


def renderer() -> Path | None:
    """The program that draws: the system's `dot`, else `graphviz-pure` beside this Python; None where neither is."""
    found = shutil.which("dot", path=search_path())
    if found:
        return Path(found)
    beside = (Path(sysconfig.get_path("scripts")), Path(sys.executable).parent)
    for folder in beside:
        found = shutil.which("graphviz-pure", path=str(folder))
        if found:
            return Path(found)
    found = shutil.which("graphviz-pure", path=search_path())
    return Path(found) if found else None


def clean_svg(text: str) -> str:
    """The SVG with only shapes and text kept: no script, link, style or outside reference survives."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise TracerError(
            f"Graphviz wrote a picture that is no SVG ({error})", todo="write DOT instead (-o FILE.dot)"
        ) from error
    kept = _kept(root)
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(kept, encoding="unicode")


def _kept(element: ElementTree.Element) -> ElementTree.Element:
    copy = ElementTree.Element(
        element.tag, {name: value for name, value in element.attrib.items() if name in KEPT_ATTRIBUTES}
    )
    copy.text, copy.tail = element.text, element.tail
    copy.extend(_kept(child) for child in element if str(child.tag).removeprefix(f"{{{SVG}}}") in KEPT)
    return copy
