"""Fuzzing what meets text of strangers: `python benchmarks/fuzz.py TARGET [--seconds N]`, or `all` in turn.

Coverage-guided, by atheris (`pip install atheris`; Linux and macOS). Whatever is raised but a TracerError, books that do
not balance, an input that takes longer than `SLOW` seconds and memory beyond `ROOM` megabytes stop a target; the input is
then in `--found` (default: ./fuzz-found). What was found before is in `tests/`, and `make test` tries all of this in short
with Hypothesis.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
SLOW = 20
ROOM = 3000
RULES = ("cel", "entra", "okta", "scim")


def evidence(data: bytes) -> None:
    """A file of any bytes: every message, and books that balance."""
    from tracer.errors import TracerError
    from tracer.evidence.containers import held, unpack
    from tracer.evidence.reading import Done, read

    with contextlib.suppress(TracerError):
        for content in unpack("fuzzed", held(data)):
            for message in read(content, None, None, lambda _: False):
                if isinstance(message, Done):
                    books = message.books
                    assert books.records == books.kept + books.counted + books.skipped + books.rejected, books


def register(data: bytes) -> None:
    """A register of any bytes."""
    from tracer.errors import TracerError
    from tracer.evidence.register import is_register, read_register

    is_register(data)
    with contextlib.suppress(TracerError):
        read_register(data, "fuzzed.yaml")


def rules(data: bytes) -> None:
    """A rule in any language, translated and evaluated."""
    from tracer.rules.cel import attribute_paths, evaluate
    from tracer.rules.translate import translate

    text = data[1:].decode("utf-8", "surrogateescape")
    language = RULES[data[0] % len(RULES)] if data else "cel"
    expression = text if language == "cel" else translate(language, text).cel
    if expression:
        evaluate(expression, dict.fromkeys(attribute_paths(expression), "value"))


def times(data: bytes) -> None:
    """Times, durations, and sums of both."""
    from tracer.case.times import duration, iso, parse_iso, plus

    first, _, second = data.decode("utf-8", "surrogateescape").partition("|")
    with contextlib.suppress(ValueError):
        plus(iso(parse_iso(first)), duration(second))


def globs(data: bytes) -> None:
    """Patterns against text, and against each other."""
    from tracer.case.globs import matches, wider

    pattern, _, text = data.decode("utf-8", "surrogateescape").partition("|")
    matches(pattern, text)
    wider(pattern, text)


def arguments(data: bytes) -> None:
    """Any words behind any reading command, on the sample case."""
    from click.testing import CliRunner

    from tracer.cli.main import COMMANDS, cli
    from tracer.errors import TracerError

    words = data.decode("utf-8", "surrogateescape").split("|")
    known = [name for name in COMMANDS if name not in ("serve", "demo", "ingest", "judge", "init")]
    command = known[len(words[0]) % len(known)]
    case = [] if command in ("checks", "sources") else [str(_sample())]
    # What a command writes must not be where a fuzzer says.
    if any(word.startswith("-") and ("o" in word or "f" in word or "-" in word[1:]) for word in words[1:]):
        return
    with contextlib.suppress(TracerError):
        done = CliRunner().invoke(cli, [command, *case, *words[1:]], catch_exceptions=False)
        assert done.exit_code in range(6), done.output


def shown(data: bytes) -> None:
    """Any names, through a case, into every kind of output."""
    import json

    from tracer.case.opening import open_case
    from tracer.evidence.ingest import ingest
    from tracer.judgement.judge import judge
    from tracer.show import report

    names = [*data.decode("utf-8", "surrogateescape").split("|"), *"abcdefgh"]
    record = {"at": "2026-01-05T10:00:00Z", "action": "grant", "system": names[0], "account": names[1],
              "entitlement": names[2], "executor": names[3], "ticket": names[4], "scope": names[5], "inputs": {names[6]: names[7]}}  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        log, case = Path(folder) / "log.jsonl", Path(folder) / "case.db"
        log.write_text(json.dumps(record) + "\n", encoding="utf-8")
        ingest(case, [str(log)], workers=0)
        connection = open_case(case)
        judge(connection)
        for (grant,) in connection.execute("SELECT id FROM grants").fetchall():
            report.html(report.gather_grant(connection, grant, "fuzzed"))
        connection.close()


INSTRUMENTED = (
    "tracer.cli.main",
    "tracer.evidence.ingest",
    "tracer.evidence.reading",
    "tracer.judgement.judge",
    "tracer.questions.why",
    "tracer.rules.translate",
    "tracer.show.report",
)
"""Modules that are imported, with all that they import, so that the fuzzer sees which branches an input takes."""

TARGETS: dict[str, Callable[[bytes], None]] = {
    one.__name__: one for one in (evidence, register, rules, times, globs, arguments, shown)
}

_CASES: list[Path] = []


def _sample() -> Path:
    """The sample case, judged once for this process."""
    if not _CASES:
        from tracer.case.opening import open_case
        from tracer.evidence.ingest import ingest
        from tracer.judgement.judge import judge

        _CASES.append(Path(tempfile.mkdtemp()) / "sample.db")
        ingest(_CASES[0], [str(ROOT / "samples" / "evidence")], workers=0)
        connection = open_case(_CASES[0])
        judge(connection)
        connection.close()
    return _CASES[0]


def seeds(target: str, folder: Path) -> None:
    """Input to begin with: samples of every source, registers, rules and times as people write them."""
    if target == "evidence":
        found = [
            path
            for path in (ROOT / "tests" / "sources").glob("*/*")
            if not path.name.endswith(".events.json")
        ]
        given = [path.read_bytes() for path in found if path.is_file() and path.stat().st_size < 200_000]
    elif target == "register":
        given = [path.read_bytes() for path in (ROOT / "samples" / "evidence" / "register").glob("*.yaml")]
    elif target == "rules":
        texts = ('0identity.a == "b" && identity.c in ["d", "e"]', '1user.department -eq "Sales"',
                 '2user.department=="Sales" AND String.stringContains(user.title,"x")', '3userName eq "b" and (active eq true)')  # fmt: skip
        given = [text.encode() for text in texts]
    elif target == "times":
        given = [b"2026-01-05T10:00:00Z|P1DT2H", b"9999-12-31T23:59:59.999+14:00|P99Y", b"2026-01-05|PT24H"]
    elif target == "globs":
        given = [b"prod-*|prod-admin", b"a*b*c|a?b[cd]", b"db:*:read|db:x:*"]
    else:
        given = [b"why|nora|x", b"who|admin", b"findings|a", b"a|b|c|d|e|f|g|h"]
    for number, content in enumerate(given):
        (folder / f"seed-{number}").write_bytes(content)


def run(target: str, seconds: int, found: Path) -> None:
    """Fuzz one target until the time is up; the process ends with it."""
    import atheris

    with atheris.instrument_imports(include=["tracer"]):
        for module in INSTRUMENTED:
            import_module(module)
    corpus = Path(tempfile.mkdtemp())
    seeds(target, corpus)
    found.mkdir(parents=True, exist_ok=True)
    limits = [
        f"-max_total_time={seconds}",
        f"-timeout={SLOW}",
        f"-rss_limit_mb={ROOM}",
        "-max_len=200000",
        "-len_control=0",
    ]
    atheris.Setup(
        [sys.argv[0], *limits, f"-artifact_prefix={found}/{target}-", "-print_final_stats=1", str(corpus)],
        TARGETS[target],
    )
    atheris.Fuzz()


def main() -> None:
    """One target in this process, or all in turn, each in its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=[*TARGETS, "all"])
    parser.add_argument(
        "--seconds", type=int, default=520, help="for each target (default 520: about an hour for all)"
    )
    parser.add_argument("--found", type=Path, default=Path("fuzz-found"))
    asked = parser.parse_args()
    if asked.target != "all":
        run(asked.target, asked.seconds, asked.found)
        return
    for target in TARGETS:
        command = [
            sys.executable,
            __file__,
            target,
            "--seconds",
            str(asked.seconds),
            "--found",
            str(asked.found),
        ]
        done = subprocess.run(
            command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        last = [
            line
            for line in done.stderr.splitlines()
            if "number_of_executed_units" in line or "SUMMARY" in line
        ]
        print(f"{target}: ended with {done.returncode}; {'; '.join(last)}", flush=True)


if __name__ == "__main__":
    main()
