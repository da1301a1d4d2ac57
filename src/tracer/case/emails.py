"""What has the form of an e-mail address."""

import re

EMAIL = re.compile(r"[^@\s:/]++@(?=[^@\s:/][^@\s:/.]*+\.[^@\s:/])[^@\s:/]++")


def is_email(text: str) -> bool:
    """Whether a name has the form of an e-mail address or UPN."""
    return EMAIL.fullmatch(text) is not None
