"""The process that evaluates expressions apart: a question is an expression and its attributes, the answer its evaluation."""

import json
import time

from tracer.machine.children import Channel
from tracer.rules.cel import evaluate_here


def work(channel: Channel) -> None:
    """Answer until nobody asks any more."""
    while (asked := channel.receive()) is not None:
        begun = time.process_time()
        expression, values = json.loads(asked)
        found = evaluate_here(expression, tuple((name, value) for name, value in values))
        seconds = time.process_time() - begun
        channel.send(json.dumps([found.result, found.blank, found.reason, seconds]).encode())
