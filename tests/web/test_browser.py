"""The pages in a real browser: they can be used, nothing hostile runs, a phone can show them."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.show.fakes import HOSTILE_GRANT, case_file, fake_questions
from tests.show.hostile_case import EVIL, RAW, hostile_case

from tracer.case.opening import open_case
from tracer.show import report
from tracer.web.server import datasette_for

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed (dependency group dev)"
)

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a running server over a case with hostile text in it."""
    fake_questions(monkeypatch)
    with serving(case_file(tmp_path / "case.db")) as address:
        yield address


@contextmanager
def serving(case: Path) -> Iterator[str]:
    """The address of a running server over the case."""
    import uvicorn

    datasette = datasette_for(case)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(datasette.app(), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(100):
        if server.started:
            break
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


class Watched:
    """A page that notes whatever a hostile text could have made it do."""

    def __init__(self, browser: Any, width: int = 1200) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 800})
        self.page.set_default_timeout(10_000)
        self.dialogs: list[str] = []
        self.requests: list[str] = []
        self.page.on("dialog", self.refuse)
        self.page.on("request", lambda request: self.requests.append(request.url))

    def refuse(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def unharmed(self, origin: str) -> bool:
        return (
            self.page.title() != "owned"
            and not self.dialogs
            and all(url.startswith(origin) for url in self.requests)
        )


def test_from_the_front_page_to_a_grant_to_its_record(browser: Any, served: str) -> None:
    watched = Watched(browser)
    page = watched.page
    page.goto(served)
    page.click("#tracer-wrong-access a:has-text('0 nora.weber@corp.example')")
    assert "wrong-attribute" in page.inner_text("article .root")
    assert "hr-ops@corp.example" in page.inner_text("article .owner")
    assert page.locator("article svg").count() == 1
    page.click("table.chain a:has-text('hr/workday.csv:12')")
    assert "<script>document.title='owned'</script>" in page.inner_text("table.rows-and-columns")
    assert watched.unharmed(served)
    page.close()


def test_nothing_hostile_runs_on_any_page(browser: Any, served: str) -> None:
    watched = Watched(browser)
    for path in (
        "/",
        f"/-/trace/{HOSTILE_GRANT}",
        "/case/records",
        "/case/grants",
        "/case/findings",
        "/case/identities",
        "/case/wrong-access",
        "/case/timeline?identity=%3Cscript%3Edocument.title%3D%27owned%27%3C%2Fscript%3E",
        "/case/record?file=hr/workday.csv&ordinal=12",
    ):
        watched.page.goto(served + path)
        assert watched.unharmed(served), path
    watched.page.close()


def test_the_page_of_a_grant_forbids_scripts_even_if_one_got_in(browser: Any, served: str) -> None:
    watched = Watched(browser)
    watched.page.goto(f"{served}/-/trace/{HOSTILE_GRANT}")
    watched.page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = \"document.title='owned'\";"
        " document.body.append(s); }"
    )
    assert watched.page.title() != "owned"
    watched.page.close()


def test_a_phone_shows_the_page_without_scrolling_sideways(browser: Any, served: str) -> None:
    watched = Watched(browser, width=360)
    page = watched.page
    for grant in ("a1" * 10, HOSTILE_GRANT):
        page.goto(f"{served}/-/trace/{grant}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def test_the_report_opens_from_the_disk_and_asks_nobody(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_questions(monkeypatch)
    connection = open_case(case_file(tmp_path / "case.db"))
    file = tmp_path / "report.html"
    file.write_text(report.html(report.gather(connection, "Report")), encoding="utf-8")
    connection.close()
    watched = Watched(browser, width=360)
    watched.page.goto(file.as_uri())
    assert watched.page.title() == "Report"
    assert watched.requests == [file.as_uri()]
    assert watched.page.locator("article").count() == 2
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert watched.unharmed("file:")
    watched.page.close()


FIRED = "() => window.fired === 1 || document.title === 'fired'"
"""Whether the payload of `hostile_case` ran."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_case(tmp_path_factory.mktemp("hostile"))


def test_the_payload_fires_where_text_is_taken_for_markup(browser: Any) -> None:
    """Else the tests below would prove nothing."""
    page = browser.new_page()
    page.set_content(f"<p>{EVIL}</p>")
    page.wait_for_function(FIRED)
    page.close()


@pytest.mark.parametrize("command", ["report", "graph"])
def test_a_payload_in_every_field_fires_in_no_file(
    command: str, browser: Any, hostile: Path, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    from tracer.cli.main import cli

    file = tmp_path / ("out.html" if command == "report" else "out.svg")
    named = [] if command == "report" else [_grants(hostile)[0]]
    done = CliRunner().invoke(cli, [command, str(hostile), *named, "-o", str(file)])
    assert done.exception is None
    watched = Watched(browser)
    watched.page.goto(file.as_uri())
    assert "gl-poster" in watched.page.text_content("html" if command == "report" else "svg")
    assert not watched.page.evaluate(FIRED)
    assert watched.unharmed("file:")
    watched.page.close()


def test_a_payload_in_every_field_fires_on_no_page(browser: Any, hostile: Path) -> None:
    tables = (
        "records",
        "grants",
        "findings",
        "identities",
        "evidence",
        "events",
        "acts",
        "controls",
        "lineage",
    )
    with serving(hostile) as address:
        watched = Watched(browser)
        paths = [
            "/",
            *(f"/case/{table}" for table in tables),
            *(f"/-/trace/{one}" for one in _grants(hostile)),
        ]
        for path in paths:
            answer = watched.page.goto(address + path)
            assert answer.status == 200, path
            assert not watched.page.evaluate(FIRED), path
            assert watched.unharmed(address), path
            shown = watched.page.inner_text("body")
            assert [one for one in RAW if one in shown] == [], path
            assert "hunter2" not in shown, path
        watched.page.close()


def _grants(case: Path) -> list[str]:
    connection = open_case(case)
    found = [row[0] for row in connection.execute("SELECT id FROM grants ORDER BY id")]
    connection.close()
    return found


def test_what_datasette_brings_works_and_nothing_else_runs(browser: Any, served: str) -> None:
    watched = Watched(browser)
    page, refused = watched.page, list[str]()
    page.on(
        "console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None
    )
    for path in (
        "/",
        "/case",
        "/case/findings",
        "/case/wrong-access",
        f"/case/records/{'22' * 10}",
        "/case/nothing",
    ):
        page.goto(served + path)
        assert refused == [], path
        page.evaluate(
            "() => { document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=1\">');"
            " const s = document.createElement('script'); s.textContent = 'document.title=1'; document.body.append(s); }"
        )
        page.wait_for_timeout(50)
        assert page.title() != "1", path
        assert refused, path
        refused.clear()
    page.goto(f"{served}/case/findings")
    page.click("th[data-column=mode] svg.dropdown-menu-icon")
    assert page.locator(".dropdown-menu a:has-text('Facet by this')").count() == 1
    page.close()


def test_a_page_elsewhere_gets_nothing(browser: Any, served: str, tmp_path: Path) -> None:
    """Neither by asking, nor by a script, a picture or a frame."""
    import functools
    import http.server

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing."""

    (tmp_path / "index.html").write_text("<!doctype html><title>elsewhere</title>", encoding="utf-8")
    other = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path))
    )
    threading.Thread(target=other.serve_forever, daemon=True).start()
    page = browser.new_page()
    try:
        page.goto(f"http://localhost:{other.server_address[1]}/")
        got = page.evaluate(
            """async (served) => {
                const got = [];
                const url = served + "/case/records.json";
                await fetch(url).then(r => r.text()).then(t => got.push(t), () => {});
                await fetch(url, {mode: "no-cors"}).then(r => got.push(r.type), () => {});
                for (const [tag, attribute, path] of [["script", "src", url], ["img", "src", served + "/favicon.ico"],
                                                      ["link", "href", served + "/-/static/app.css"]]) {
                    const element = document.createElement(tag);
                    element.rel = "stylesheet";
                    element[attribute] = path;
                    await new Promise(done => { element.onload = () => { got.push(tag); done(); };
                                                element.onerror = done; document.head.append(element); });
                }
                return got;
            }""",
            served,
        )
        assert got == []
        page.evaluate(
            "(served) => { const f = document.createElement('iframe'); f.src = served; document.body.append(f); }",
            served,
        )
        page.wait_for_timeout(500)
        assert all("Wrong access" not in frame.content() for frame in page.frames)
    finally:
        page.close()
        other.shutdown()
        other.server_close()
