"""The data files come along: from a wheel and from an sdist, outside the checkout."""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built through the sdist as an installer from a registry would."""
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and (
        "No matching distribution" in done.stderr or "No module named pip" in done.stderr
    ):
        pytest.skip("no registry or no pip to build a wheel with")
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_declarations_samples_metadata_and_checks(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "tracer/data/ingest/aws-cloudtrail.toml" in names
    assert "tracer/data/datasette-metadata.json" in names
    assert "tracer/judgement/checks/no-decision.sql" in names
    assert "tracer/judgement/failure-modes.csv" in names
    assert any(name.startswith("tracer/data/samples/evidence/") for name in names)
    assert any(name.startswith("tracer/show/templates/") for name in names)
    assert not any("/tests/" in name or name.startswith("tests/") for name in names)


def test_the_demo_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)],
        check=True,
    )
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r}); import tracer; "
        f"assert tracer.__file__.startswith({str(site)!r}); sys.argv = ['tracer', 'demo', 'out']; "
        "from tracer.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Owner    hr-data@larkfield.example" in done.stdout
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000


def test_wheel_and_sdist_are_the_same_bytes_wherever_and_whenever_they_are_built(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("no git checkout to build from")
    built = []
    for number, mode in enumerate((0o600, 0o664)):
        tree = tmp_path / f"{'another-' * number}place"
        for name in filter(None, tracked.stdout.split("\0")):
            source, copy = ROOT / name, tree / name
            if source.is_file():
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(source.read_bytes())
                copy.chmod(mode)
                os.utime(copy, (1_000_000_000 + number, 1_000_000_000 + number))
        command = [sys.executable, "-m", "hatchling", "build", "-d", "dist"]
        subprocess.run(command, cwd=tree, capture_output=True, check=True)
        built.append(
            {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in (tree / "dist").iterdir()}
        )
    assert len(built[0]) == 2 and built[0] == built[1]
