"""What `scripts/experiments` runs: faults put into the world around the real binary, and what must
hold beside them.

An experiment is a module with three functions. `play(run)` injects and gathers what was seen, as a
value; `judge(evidence, verdict)` counts and compares; `plant(evidence)` puts the planted fault into
what was gathered, which `judge` must then find in the row that `PLANTED` names. `lacks()`, where there
is one, says what this machine does not have for it.
"""
