"""Steps, one a line of JSON on standard input, each answered by what the client made of it.

An answer is `{"returned": …}`, or `{"raised": NAME, "code": …}` with the code that the exception carries.
"""

import json
import os
import sys


def take(actions):
    """Carries steps out until the input ends; `actions` are the client's calls, by their names."""
    # What a client prints goes with its errors, so that the answers stand alone.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        step = json.loads(line)
        try:
            answer = {"returned": actions[step.pop("do")](**step)}
        except Exception as error:  # whatever a client raises is its answer
            code = getattr(error, "code", None) or getattr(error, "errcode", None)
            answer = {"raised": type(error).__name__, "code": code, "words": str(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
