"""What stands in the place of a secret that is not shown."""

DOTS = "••••"
"""With what a masked value begins; the text that follows says how long it was."""


def hint(secret: str) -> str:
    """The dots and how many characters they stand for."""
    return f"{DOTS} (masked, {len(secret)} character{'' if len(secret) == 1 else 's'})"
