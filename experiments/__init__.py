"""What `scripts/experiments` runs: faults put into the world around the real binary, and what must
hold beside them.

An experiment is a module of this package, in the list of `scripts/experiments`:

- `NUMBER`, and a docstring whose first line says what must hold, then what is injected and what passes;
- `play(run)` injects, and gives everything that was seen as a value;
- `judge(evidence, verdict)` counts in it, and compares;
- `PLANTED` names faults, each with the row of the verdict that it has to fail, and `plant(evidence, fault)`
  puts one into what was gathered: into the chat, the writers' notes, DingTalk's record;
- `lacks()`, if there is one, says what this machine has not;
- `WAITS = True` says that it only waits, and may run beside others in its long form too;
- `IN_TESTS = True` says that `cargo test` plays its short form, which `all --short` leaves out.
"""
