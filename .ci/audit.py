"""Asks the advisory service of the package index for known vulnerabilities of every locked version.

Usage: python .ci/audit.py LOCK. Exit codes: 0 asked, none known; 1 at least one known; 3 the service cannot be reached
from here, so nothing is known either way (that is said, never taken for "none").
"""

import json
import subprocess
import sys

UNREACHABLE = 3


def main(lock: str) -> int:
    """Ask, and say what came of it."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run(
        [*command, "--disable-pip", "--require-hashes", "-r", lock],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        audited = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"nothing was audited: {done.stderr.strip().splitlines()[-1:] or 'no answer'}", file=sys.stderr)
        return UNREACHABLE
    known = [one for one in audited if "skip_reason" not in one]
    if not known:
        print("nothing was audited: the advisory service cannot be reached from here", file=sys.stderr)
        return UNREACHABLE
    for one in audited:
        if "skip_reason" in one:
            print(f"not audited: {one['name']} ({one['skip_reason']})")
    vulnerable = [one for one in known if one["vulns"]]
    for one in vulnerable:
        for found in one["vulns"]:
            print(
                f"{one['name']} {one['version']}: {found['id']}, mended in {found['fix_versions'] or 'no release'}"
            )
    print(
        f"{len(known)} of {len(audited)} dependencies audited, {len(vulnerable)} with a known vulnerability"
    )
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
