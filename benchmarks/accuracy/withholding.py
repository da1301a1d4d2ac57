"""Evidence held back: single files, whole months, or whole sources; the register is always handed in."""

import random

from benchmarks.accuracy.exports.books import File

WAYS = ("files", "periods", "sources")


def withhold(files: list[File], share: float, way: str, draw: int = 0) -> list[File]:
    """What is left when that share of the files, months or sources is missing."""
    rng = random.Random(f"{draw} {way} {share}")
    held = [file for file in files if file.source != "register"]

    def key(file: File) -> str:
        return {"files": file.path, "periods": str(file.month), "sources": file.source}[way]

    names = sorted({key(file) for file in held})
    gone = set(rng.sample(names, round(share * len(names))))
    return [file for file in files if file.source == "register" or key(file) not in gone]
