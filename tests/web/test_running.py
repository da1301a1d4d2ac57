"""A running `tracer serve`: what it takes from its folder, what a question can do to it, how it ends."""

import hashlib
import signal
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.story import Story
from tests.web.asked import Running, running

HEAVY = {
    "a value as large as the memory": "select length(zeroblob(900000000))",
    "many large columns": "select " + ", ".join(["zeroblob(15000000)"] * 200),
    "a text that doubles": "with recursive t(x) as (select 'x' union all select x || x from t) select max(length(x)) from t",
    "rows without end": "with recursive t(x) as (select 1 union all select x + 1 from t) select x from t order by x desc",
    "padding": "select printf('%.*c', 900000000, 'x')",
    "joined texts": "with recursive t(x) as (select 1 union all select x + 1 from t) select group_concat(hex(zeroblob(9999))) from t",
    "one call with the product of both lengths": "select instr(printf('%.*c', 15000000, 'x'), printf('%.*c', 7000000, 'x') || 'y')",
    "a statement that doubles while it is prepared": "with a0 as (select 1 as x), "
    + ", ".join(f"a{n} as (select p.x from a{n - 1} p, a{n - 1} q)" for n in range(1, 28))
    + " select count(*) from a27",
    "a pattern with many places": f"select printf('%.*c', 15000000, 'x') like '{'%x' * 400}y'",
    "our own functions": "select matches(replace(printf('%.*c', 8000, 'x'), 'x', '*a') || 'b', printf('%.*c', 16000, 'a'))",
    "our own functions with longer text": "select fold(printf('%.*c', 20000, 'a'))",
    "our own functions again and again": "with recursive t(x) as (select 1 union all select x + 1 from t) "
    "select sum(length(fold(printf('%.*c', 16000, 'a') || x))) from t",
}  # fmt: skip
"""Questions that ask for more than there is; each is harmless to a server with limits."""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    story = Story().person("nora.weber")
    story.grant("2026-02-02T10:00:00Z", "nora.weber")
    story.until("2026-04-30T08:00:00Z").judge(folder).connection.close()
    return folder / "case.db"


def ask(served: Running, sql: str) -> tuple[int, str]:
    return served.get(f"/case.json?_shape=array&sql={quote(sql)}")


@pytest.fixture(scope="module")
def trusting(case: Path) -> object:
    with running(case, "--trust") as served:
        yield served


@pytest.mark.parametrize("sql", HEAVY.values(), ids=HEAVY)
def test_a_heavy_question_ends_and_others_are_answered_meanwhile(trusting: Running, sql: str) -> None:
    said: list[tuple[int, str]] = []
    asking = threading.Thread(target=lambda: said.append(ask(trusting, sql)))
    asking.start()
    assert trusting.get("/case/grants")[0] == 200
    asking.join(timeout=60)
    assert said and said[0][0] in (200, 400)
    assert trusting.memory() < 400_000_000
    assert ask(trusting, "select 1 as one") == (200, '[{"one": 1}]')


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_while_questions_run(case: Path, ending: signal.Signals) -> None:
    with running(case, "--trust") as served:
        for sql in (HEAVY["rows without end"], HEAVY["one call with the product of both lengths"]) * 2:
            threading.Thread(target=lambda sql=sql: _ask_until_it_ends(served, sql), daemon=True).start()
        time.sleep(1)
        served.process.send_signal(ending)
        assert served.process.wait(timeout=20) == 0
        assert served.process.stdout is not None
        assert "Traceback" not in served.process.stdout.read()


def _ask_until_it_ends(served: Running, sql: str) -> None:
    try:
        ask(served, sql)
    except OSError:
        return


def test_nothing_of_the_folder_it_is_started_in_is_used(case: Path, tmp_path: Path) -> None:
    page = "{{ 1 }} from the folder"
    for name in ("index.html", "base.html", "table.html", "error.html", "pages/planted.html"):
        for folder in ("templates", "."):
            (tmp_path / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / name).write_text(page, encoding="utf-8")
    for folder in ("static", "plugins"):
        (tmp_path / folder).mkdir()
    (tmp_path / "static" / "app.css").write_text(page, encoding="utf-8")
    (tmp_path / "static" / "planted.txt").write_text(page, encoding="utf-8")
    noted = tmp_path / "ran"
    code = f"open({str(noted)!r}, 'a').write(__name__)\n"
    for name in (
        "plugins/planted",
        "tracer",
        "datasette",
        "uvicorn",
        "sqlite3",
        "jinja2",
        "msgspec",
        "json",
        "asyncio",
    ):
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    told = '{"title": "from the folder", "plugins": {}, "databases": {"case": {"queries": {"planted": "select 1"}}}}'
    for name in ("metadata.json", "metadata.yaml", "metadata.yml", "datasette.json", "datasette.yaml"):
        (tmp_path / name).write_text(told, encoding="utf-8")
    (tmp_path / "settings.json").write_text(
        '{"allow_download": true, "template_debug": true}', encoding="utf-8"
    )
    (tmp_path / "inspect-data.json").write_text(
        '{"case": {"hash": "0", "size": 0, "file": "case.db", "tables": {"grants": {"count": 77777}}}}',
        encoding="utf-8",
    )
    (tmp_path / "other.db").write_bytes(case.read_bytes())
    planted = tmp_path / "planted-1.0.dist-info"
    planted.mkdir()
    (planted / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: planted\nVersion: 1.0\n", encoding="utf-8"
    )
    (planted / "entry_points.txt").write_text("[datasette]\nplanted = plugins.planted\n", encoding="utf-8")
    with running(
        case,
        "--trust",
        folder=tmp_path,
        DATASETTE_LOAD_PLUGINS="planted",
        DATASETTE_SECRET="known",
        WEB_CONCURRENCY="4",
        FORWARDED_ALLOW_IPS="*",
    ) as served:
        for path in (
            "/",
            "/case",
            "/case/grants",
            "/case/nothing",
            "/planted",
            "/static/planted.txt",
            "/-/static/app.css",
        ):
            status, text = served.get(path)
            assert "from the folder" not in text
            assert "77777" not in text and "77,777" not in text
            assert status == (404 if path in ("/case/nothing", "/planted", "/static/planted.txt") else 200), (
                path
            )
        assert served.get("/case/planted")[0] == 404
        assert served.get("/other")[0] == 404
        assert served.get("/case.db")[0] == 404
        assert served.get("/?_context=1")[1].startswith("<!DOCTYPE html>")
        assert ask(served, "select 1 as one") == (200, '[{"one": 1}]')
    assert not noted.exists()


def test_the_case_stays_as_it_is(case: Path) -> None:
    before, beside = hashlib.sha256(case.read_bytes()).digest(), sorted(case.parent.iterdir())
    with running(case, "--trust") as served:
        for path in ("/", "/case", "/case/grants", "/case/grants.csv?_stream=1", "/case/wrong-access"):
            assert served.get(path)[0] == 200
        ask(served, "with x as (select 1) delete from grants")
        ask(served, "with x as (select 1) insert into grants (id) values ('x')")
        served.process.terminate()
        served.process.wait(timeout=20)
    assert hashlib.sha256(case.read_bytes()).digest() == before
    assert sorted(case.parent.iterdir()) == beside


def test_a_token_is_printed_and_nowhere_else(case: Path) -> None:
    with running(case, "--auth", "--quiet") as served:
        assert served.process.stdout is not None
        line = served.process.stdout.readline()
        path = line.strip().partition(str(served.port))[2]
        assert path.startswith("/-/enter?token=")
        assert served.get("/")[0] == 401
        status, _ = served.get(path)
        assert status == 200
        token = path.partition("token=")[2]
        assert token not in Path(f"/proc/{served.process.pid}/cmdline").read_text(encoding="utf-8")
        again = served.process.stdout.readline()
        assert again.startswith("Let one browser in: ") and token not in again
