"""From a rule as the vendor writes it to CEL, or the reason why not."""

from collections.abc import Iterable
from dataclasses import dataclass

from tracer.rules.entra import Entra
from tracer.rules.okta import Okta
from tracer.rules.parse import Parser
from tracer.rules.scim import Scim
from tracer.rules.tree import RefusedError, cel

LANGUAGES: dict[str, type[Parser]] = {"entra": Entra, "okta": Okta, "scim": Scim}
OTHER_NAMES = {
    "azure-ad": "entra", "azuread": "entra", "entra-id": "entra", "entra-dynamic-group": "entra", "entra-dynamic": "entra",
    "microsoft-entra": "entra", "okta-el": "okta", "okta-group-rule": "okta", "okta-expression": "okta",
    "okta-expression-language": "okta", "scim-filter": "scim", "scim2": "scim", "rfc7644": "scim", "": "cel",
}  # fmt: skip
"""What else a register may call a language."""


@dataclass(frozen=True)
class Translation:
    """`cel`, or null and in `refused` what does not translate."""

    cel: str | None
    refused: str | None = None


def translate(language: str, expression: str, known: Iterable[str] = ()) -> Translation:
    """The expression in CEL; `known` are the names of attributes that source data hold (see names)."""
    name = language.strip().casefold().replace("_", "-").replace(" ", "-")
    name = OTHER_NAMES.get(name, name)
    if name == "cel":
        return Translation(expression)
    parser = LANGUAGES.get(name)
    if parser is None:
        return Translation(None, f"rules of language {language[:40]!r} are not read")
    try:
        return Translation(cel(parser(expression, known).whole()))
    except RefusedError as refused:
        return Translation(None, f"not translated from {parser.operators.name}: {refused}")
