"""Drives a server with wrk, and reads what wrk counted."""

import shutil
import signal
import subprocess
from collections import namedtuple

from .servers import ROOT, Void

SCRIPT = ROOT / "benches/load/notifications.lua"

Result = namedtuple("Result", "requests seconds p50_us p99_us max_us cpu_us")

# A million deliveries are stored within it on a slow machine.
LONGEST_SECONDS = 1_800

# Tells the groups of one run from those of another; the script takes four hexadecimal digits.
RUNS = iter(range(1, 0x10000))


def check_wrk():
    if shutil.which("wrk") is None:
        raise Void("wrk is missing: apt-get install wrk (a package of Debian and Ubuntu)")


def run(
    server, *, alerts, connections, seconds=None, posts=None, path=None, receivers=None, sent=None,
    refused=False,
):
    """Posts for so many seconds, or so many notifications; what came of it.

    Raises `Void` when any answer was not 200 (or any was, where all have to be refused), or a
    connection failed.
    """
    threads = 1 if posts or connections == 1 else 2
    arguments = [f"{next(RUNS):04x}", alerts, posts or 0, receivers or 0, sent or ""]
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds or LONGEST_SECONDS}s", "--timeout=30s"]
    command += [f"-s{SCRIPT}", f"http://127.0.0.1:{server.port}{path or server.path}", "--"]
    before = server.cpu_seconds()
    said = output_of([*command, *map(str, arguments)])
    cpu = server.cpu_seconds() - before
    lines = [line for line in said.splitlines() if line.startswith("RESULT ")]
    if len(lines) != 1:
        raise Void(f"wrk said: {said}")
    values = dict(word.split("=") for word in lines[0].split()[1:])
    failed = {name: int(values[name]) for name in ("status", "connect", "read", "write", "timeout")}
    requests = posts or int(values["requests"])
    errors = failed.pop("status")
    if any(failed.values()) or errors != (requests if refused else 0):
        wanted = "refused" if refused else "200"
        raise Void(f"not every answer was {wanted}: {errors:,} of {requests:,} were not 200, {failed}")
    if requests == 0:
        raise Void("not one request was answered")
    return Result(
        requests=requests,
        seconds=float(values["seconds"]),
        p50_us=int(values["p50_us"]),
        p99_us=int(values["p99_us"]),
        max_us=int(values["max_us"]),
        cpu_us=cpu / requests * 1e6,
    )


def output_of(command):
    """Everything that wrk says; it is interrupted once it says that all is answered."""
    wrk = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = []
    for line in wrk.stdout:
        said.append(line)
        if line == "ANSWERED\n":
            wrk.send_signal(signal.SIGINT)
    wrk.wait()
    return "".join(said)
