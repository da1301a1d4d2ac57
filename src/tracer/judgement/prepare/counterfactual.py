"""What a decision would have been with corrected inputs: one way to replay it, for judging and for asking.

A decision is replayed on the inputs that it used. With corrected facts in their place and the same rule it shows whether
source data made the access; with another rule and the same inputs, whether the rule did.
"""

from collections.abc import Mapping

from tracer.rules.cel import Evaluation, evaluate


def replayed(
    expression: str, inputs: Mapping[str, str], corrected: Mapping[str, str] | None = None
) -> Evaluation:
    """What `expression` comes to on `inputs`, with `corrected` values in their place."""
    return evaluate(expression, {**inputs, **(corrected or {})})


def turns(expression: str, inputs: Mapping[str, str], corrected: Mapping[str, str]) -> bool:
    """Whether a decision that granted would not have granted on the corrected values."""
    return replayed(expression, inputs, corrected).result is False
