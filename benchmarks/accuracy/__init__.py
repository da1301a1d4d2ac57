"""How often tracer names the right root cause and owner: a simulated organisation whose faults are known, judged and compared.

The simulator knows the model and the contract, and nothing of the checks: it imports nothing of tracer. Only `measure` runs it.
"""
