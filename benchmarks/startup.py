"""How long `tracer --help` and `tracer why` on the sample case take: `python benchmarks/startup.py`.

Each command is started anew; the first start of each is left out (it fills the file cache), the median and the slowest of the rest
are reported beside a bare `python -c pass`.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = 15


def seconds(command: list[str]) -> list[float]:
    """Wall-clock seconds of each run but the first."""
    found = []
    for _ in range(RUNS + 1):
        begun = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        found.append(time.perf_counter() - begun)
    return found[1:]


def main() -> None:
    """Measure and print a table."""
    tracer = str(Path(sys.executable).parent / "tracer")
    with tempfile.TemporaryDirectory() as folder:
        case = f"{folder}/sample.db"
        subprocess.run([tracer, "ingest", case, str(ROOT / "samples" / "evidence"), "-q"], check=True)
        subprocess.run([tracer, "judge", case, "-q"], check=True)
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "tracer --help": [tracer, "--help"],
            "tracer why (sample case)": [tracer, "why", case, "lovisa.engdahl", "AdministratorAccess"],
        }
        print("| command | median s | slowest s |\n|---|---|---|")
        for name, command in commands.items():
            times = seconds(command)
            print(f"| {name} | {statistics.median(times):.3f} | {max(times):.3f} |")


if __name__ == "__main__":
    main()
