"""The questions that are plain SQL: one file each beside this module, shared with Datasette."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Question:
    """One `.sql` file: its name, what its first comment lines say, and the statement.

    `page` is its address in Datasette: its name, unless a table has that name, which would then be hidden.
    """

    name: str
    title: str
    question: str
    sql: str
    page: str


@cache
def canned() -> dict[str, Question]:
    """All questions by name; a file without a `-- title:` line is no question of its own and is left out."""
    found = {}
    for file in sorted(files("tracer.questions").iterdir(), key=lambda item: item.name):
        if file.name.endswith(".sql"):
            lines = file.read_text(encoding="utf-8").splitlines()
            said = {
                key.strip("- "): value.strip()
                for key, _, value in (line.partition(":") for line in lines if line.startswith("-- "))
            }
            if "title" in said:
                sql = "\n".join(line for line in lines if not line.startswith("-- "))
                name = file.name.removesuffix(".sql")
                found[name] = Question(
                    name, said["title"], said.get("question", ""), sql.strip(), said.get("page", name)
                )
    return found
