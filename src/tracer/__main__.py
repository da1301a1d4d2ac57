"""`python -P -m tracer`: the same as `tracer`. Without `-P` Python would look for every module in the current folder first."""

import sys


def main() -> None:
    """Run the command, unless a file in the current folder could run in its place."""
    if not sys.flags.safe_path:
        sys.exit(
            "Error: `python -m` takes modules from the current folder first, so that a file in it could run; "
            "use `tracer`, or `python -P -m tracer`"
        )
    from tracer.cli.main import main as command

    command()


if __name__ == "__main__":
    main()
