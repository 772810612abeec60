"""`scripts/bench accept [seconds [rounds]]`: what Campana accepts beside what a bare server accepts.

The two servers take the same requests, turn by turn and never at the same time: each run has a new
process, an empty database, one second to get warm, and then its seconds. A run is void when the
server stored fewer notifications than wrk counted as 200, or more than these and the ones that were
under way when wrk stopped (at most one a connection, twice: wrk stops after the warm-up too).
"""

import statistics
import tempfile
import time
from pathlib import Path

from . import load
from .figures import of_rounds
from .servers import Bare, Campana, Simulator, Void

ALERTS = (1, 10)
CONNECTIONS = (1, 16, 64)
SECONDS, ROUNDS = 8, 3
SHORT = {"ALERTS": (1,), "CONNECTIONS": (1, 16), "SECONDS": 1, "ROUNDS": 1}


def measure(work, seconds=None, rounds=None):
    """Prints each setting as it is measured; gives the figures."""
    seconds, rounds = seconds or SECONDS, rounds or ROUNDS
    load.check_wrk()
    figures = []
    print(f"{rounds} rounds of {seconds} s; Campana / bare reference, medians")
    print("alerts  conn.  notifications/s      p50, ms        p99, ms        CPU, us a request")
    with tempfile.TemporaryDirectory(dir=work) as folder, Simulator(Path(folder)) as dingtalk:
        for alerts in ALERTS:
            for connections in CONNECTIONS:
                pairs = []
                for turn in range(rounds):
                    pairs.append(pair(work, dingtalk, alerts, connections, seconds, turn))
                show(alerts, connections, pairs)
                figures += ratios(alerts, connections, pairs)
    return figures


def pair(work, dingtalk, alerts, connections, seconds, turn):
    """One run of each server; which one is first changes with the turn."""
    def campana(folder):
        return Campana(folder, dingtalk.url)

    def one(start):
        with tempfile.TemporaryDirectory(dir=work) as folder, start(Path(folder)) as server:
            return run(server, alerts, connections, seconds)

    if turn % 2:
        bare = one(Bare)
        return one(campana), bare
    return one(campana), one(Bare)


def run(server, alerts, connections, seconds):
    warm = load.run(server, alerts=alerts, connections=connections, seconds=1)
    result = load.run(server, alerts=alerts, connections=connections, seconds=seconds)
    # What was under way when wrk stopped is stored by then.
    time.sleep(0.5)
    stored, counted = server.stored(), warm.requests + result.requests
    if not counted <= stored <= counted + 2 * connections:
        raise Void(f"wrk counted {counted} answers of 200, and {stored} notifications are stored")
    return result


def show(alerts, connections, pairs):
    def medians(field):
        return tuple(statistics.median(field(pair[at]) for pair in pairs) for at in (0, 1))

    rate = "{:6.0f} / {:6.0f}".format(*medians(lambda result: result.requests / result.seconds))
    p50 = "{:5.2f} / {:5.2f}".format(*medians(lambda result: result.p50_us / 1000))
    p99 = "{:5.2f} / {:5.2f}".format(*medians(lambda result: result.p99_us / 1000))
    cpu = "{:4.0f} / {:4.0f}".format(*medians(lambda result: result.cpu_us))
    print(f"{alerts:>6}  {connections:>5}  {rate}     {p50}  {p99}  {cpu}", flush=True)


def ratios(alerts, connections, pairs):
    """The figures of one setting, each the median of the rounds' ratios."""
    def of(name, ratio, **goal):
        values = [ratio(campana, bare) for campana, bare in pairs]
        return of_rounds(f"{name}, {setting}", values, unit="times", **goal)

    plural = "s" if alerts > 1 else ""
    setting = f"{alerts} alert{plural}, {connections} connection{'s' if connections > 1 else ''}"
    alone = connections == 1
    return [
        of(
            "notifications a second",
            lambda campana, bare: campana.requests / campana.seconds / (bare.requests / bare.seconds),
            least=0.7 if connections == 64 else None,
        ),
        of_rounds(
            f"Campana's own rate, {setting}",
            [campana.requests / campana.seconds for campana, _ in pairs],
            unit="/s",
        ),
        of("p50", lambda campana, bare: campana.p50_us / bare.p50_us, most=1.4 if alone else None),
        of("p99", lambda campana, bare: campana.p99_us / bare.p99_us, most=None if alone else 2.0),
        of("CPU a request", lambda campana, bare: campana.cpu_us / bare.cpu_us),
    ]
