"""`scripts/bench large`: one notification of 10,000 alerts for 400 receivers, and small ones beside it.

Each receiver has a robot of its own. `equal` receivers ask the same of their messages; `different`
ones have each a keyword, a mention and conditions of their own, and every other one writes plain text.
The large one is sent several times, each time as another group. Small notifications come every 50 ms, for
one receiver, and every 500 ms, for all; their time counts from when they are due, so that one that is
held up hides none behind it. They are sent from a process of their own.

What a sender leaves behind that hangs up is measured too: the processor time that the server takes
from then on, until it is at rest.
"""

import json
import multiprocessing
import socket
import statistics
import tempfile
import threading
import time
from pathlib import Path

from .figures import Figure, of_rounds
from .memory import alert, notification
from .servers import Campana, Simulator, Void

ALERTS = 10_000
RECEIVERS = 400
ROUNDS = 10
BODY_BYTES = 4 * 1024 * 1024
# The most that the sender waits; Alertmanager's own limit is shorter.
LONGEST_SECONDS = 300
HANGS_UP_AFTER_SECONDS = 0.1
# So much processor time within it, and the server is at rest; the simulator's answers take some.
REST_SECONDS, REST_SHARE = 1.0, 0.10
ONE_EVERY_SECONDS, ALL_EVERY_SECONDS = 0.05, 0.5
SHORT = {"ALERTS": 500, "RECEIVERS": 20, "ROUNDS": 2}
TO_ALL, TO_ONE = "/api/v1/alerts", "/api/v1/receivers/r0/alerts"


def measure(work):
    figures = []
    with tempfile.TemporaryDirectory(dir=work) as folder, Simulator(Path(folder)) as dingtalk:
        for name, different in (("equal", None), ("different", keys_of)):
            for one in (posted, abandoned):
                with tempfile.TemporaryDirectory(dir=work) as own:
                    own = Path(own)
                    with Campana(own, dingtalk.url, RECEIVERS, "", keys=different) as server:
                        figures += one(server, f"{RECEIVERS} {name} receivers")
    return figures


def keys_of(number):
    """What only this receiver asks for, and its chatbot."""
    conditions = (
        f"conditions: [{{label: instance, operator: NotIn, values: ['db-{number}:9100']}}, "
        f"'severity=~\"critical|warning|team-{number}\"'], "
        f"message: {{type: {('markdown', 'text')[number % 2]}}}, "
    )
    return conditions, f"keywords: [team-{number}], mention: {{mobiles: ['138{number:08}']}}, "


def posted(server, name):
    """The time of the large notification, and that of the small ones beside it."""
    bodies = [large_body(number) for number in range(ROUNDS)]
    small, took = Small(server.port), []
    cpu = server.cpu_seconds()
    for body in bodies:
        began = time.perf_counter()
        status = post(server.port, TO_ALL, body, LONGEST_SECONDS)
        took.append(time.perf_counter() - began)
        if status != "200":
            raise Void(f"the large notification was answered {status}")
    cpu = (server.cpu_seconds() - cpu) / ROUNDS
    to_one, to_all = small.stop()
    samples = server.metrics()
    if samples['campana_alerts_received_total{status="firing"}'] < ALERTS * ROUNDS:
        raise Void("not every alert was read")
    metric = "campana_render_fallbacks_total"
    fallbacks = int(sum(value for name, value in samples.items() if name.startswith(metric)))
    print(
        f"large, {name}: {len(bodies[0]):,} bytes in {told(took)}, {cpu:.2f} s of CPU each, peak "
        f"{server.memory('VmHWM'):.0f} MiB, {fallbacks} short messages; small ones beside it: "
        f"{told(to_one)} to one, {told(to_all)} to all",
        flush=True,
    )
    return [
        of_rounds(f"10,000 alerts, {name}", took, unit="s", most=2),
        Figure(f"p99 of a small one beside them, {name}", p99(to_one) * 1000, unit="ms", most=100),
        Figure(f"the slowest of them, {name}", max(to_one) * 1000, unit="ms"),
        Figure(f"the slowest small one for all, {name}", max(to_all) * 1000, unit="ms"),
    ]


def abandoned(server, name):
    """What the server goes on doing for a sender that is gone."""
    with socket.create_connection(("127.0.0.1", server.port)) as sender:
        sender.sendall(request(TO_ALL, large_body(1)))
        time.sleep(HANGS_UP_AFTER_SECONDS)
    began, used = time.perf_counter(), server.cpu_seconds()
    before = used
    while time.perf_counter() - began < LONGEST_SECONDS:
        time.sleep(REST_SECONDS)
        now = server.cpu_seconds()
        if now - before <= REST_SECONDS * REST_SHARE:
            break
        before = now
    print(f"large, {name}: {before - used:.2f} s of CPU after the sender was gone", flush=True)
    return [Figure(f"CPU after the sender is gone, {name}", before - used, unit="s")]


class Small:
    """Small notifications, sent until it is told to stop."""

    def __init__(self, port):
        self.pipe, child = multiprocessing.Pipe()
        self.sender = multiprocessing.Process(target=send_small, args=(port, child))
        self.sender.start()
        self.pipe.recv()

    def stop(self):
        """The seconds of each, to one receiver and to all."""
        self.pipe.send("stop")
        times = self.pipe.recv()
        self.sender.join()
        if any(seconds is None for kind in times for seconds in kind):
            raise Void("not every small notification was answered 200")
        return times


def send_small(port, pipe):
    times, threads = ([], []), []
    pipe.send("ready")
    began, ticks = time.perf_counter(), 0
    every = round(ALL_EVERY_SECONDS / ONE_EVERY_SECONDS)
    # At least one of those for all, however quick the large one is.
    while not pipe.poll() or ticks <= every:
        due = began + ticks * ONE_EVERY_SECONDS
        time.sleep(max(0, due - time.perf_counter()))
        kinds = [(TO_ONE, 0)] + ([(TO_ALL, 1)] if ticks % every == 1 else [])
        for path, kind in kinds:
            body = json.dumps(notification(f"{path} {ticks}", [alert(ticks, "It fills.")])).encode()
            arguments = (port, path, body, due, times[kind])
            threads.append(threading.Thread(target=send_one, args=arguments))
            threads[-1].start()
        ticks += 1
    for thread in threads:
        thread.join()
    pipe.send(times)


def send_one(port, path, body, due, times):
    status = post(port, path, body, LONGEST_SECONDS)
    times.append(time.perf_counter() - due if status == "200" else None)


def post(port, path, body, timeout):
    """The status, or what went wrong."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=timeout) as server:
            server.sendall(request(path, body))
            return server.recv(64).decode().split()[1]
    except OSError as error:
        return str(error)


def request(path, body):
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def large_body(number):
    words = "It fills in about 40 minutes."
    alerts = [alert(at, words) for at in range(ALERTS)]
    for at, one in enumerate(alerts):
        one["labels"]["severity"] = ("critical", "warning", "info")[at % 3]
    body = json.dumps(notification(f"large {number}", alerts)).encode()
    if len(body) > BODY_BYTES:
        raise Void(f"{len(body):,} bytes are too large a body")
    return body


def told(times):
    times = [seconds * 1000 for seconds in times]
    return f"{len(times)}, p50 {statistics.median(times):.0f} ms, worst {max(times):.0f} ms"


def p99(times):
    return statistics.quantiles(times, n=100, method="inclusive")[98]
