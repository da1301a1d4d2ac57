"""`python -m tests.sources.write NAME…`: write what the samples of these sources yield, to be read by eye."""

import sys

from tests.sources.samples import samples, write


def main(names: list[str]) -> None:
    for sample in [*samples("sample"), *samples("malformed")]:
        if sample.parent.name in names:
            write(sample)
            print(f"{sample.parent.name}/{sample.name}")


if __name__ == "__main__":
    main(sys.argv[1:])
