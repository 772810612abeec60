"""`scripts/bench memory`: memory at rest, and while bodies of every shape come at once.

For each shape a server of its own is posted all bodies at the same moment, each on a connection of its
own. Taken are the highest memory of that time (`VmHWM`) and the memory ten seconds after the last answer.
A body that a server has no room for may be answered 503, as long as its client comes again.

The bodies are sent from a process of its own, so that the requests to `/-/healthy`, one every few
milliseconds, are measured undisturbed. `MEMORY_SHAPES=word` measures only the shapes with that word.
"""

import json
import multiprocessing
import os
import socket
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .figures import Figure
from .servers import Campana, Simulator, Void

BODY_BYTES = 4 * 1024 * 1024
POSTS = 64
REST_SECONDS = 3
PROBE_SECONDS = 0.005
# How long unfinished bodies are held, and how long after the last answer the memory is looked at.
HELD_SECONDS = 5
AFTER_SECONDS = 10
# 200 MB, whatever is posted.
MOST = 190
MOST_AFTER = 60
SHORT = {"POSTS": 4, "REST_SECONDS": 0.1, "HELD_SECONDS": 0.5, "AFTER_SECONDS": 0.1}
ALERTS_PATH = "/api/v1/receivers/r0/alerts"


@dataclass
class Shape:
    """So many bodies that come at once, and how they have to be answered."""

    name: str
    posts: int
    body: callable
    path: str = ALERTS_PATH
    status: str = "200"
    # Sent beside them: the beginnings of so many bodies, whose rest never comes.
    unfinished: int = 0
    # Whether the slowest answer of `/-/healthy` has a goal too.
    probed: bool = False


def shapes():
    return [
        Shape("many alerts", POSTS, many_alerts, probed=True),
        Shape("one long value", POSTS, one_long_value, probed=True),
        Shape("empty alerts", POSTS, empty_alerts),
        Shape("many labels in one alert", POSTS, many_labels),
        Shape("few labels in many alerts", POSTS, small_alerts),
        Shape("deep nesting", POSTS, nested),
        Shape("1,000 of 64 KiB", 1_000, medium),
        Shape("1,000 of 8 KiB", 1_000, small),
        Shape("no notification", POSTS, nothing, status="400"),
        Shape("a mistake at the end", POSTS, mistaken, status="400"),
        Shape("conditions tested", POSTS, tested, path="/api/v1/conditions/test", status="400"),
        Shape("150 unfinished", 0, many_alerts, unfinished=150),
        Shape("150 unfinished, 64 whole", POSTS, many_alerts, unfinished=150),
    ]


def measure(work):
    figures = []
    wanted = os.environ.get("MEMORY_SHAPES", "")
    with tempfile.TemporaryDirectory(dir=work) as folder, Simulator(Path(folder)) as dingtalk:
        with tempfile.TemporaryDirectory(dir=work) as own, Campana(Path(own), dingtalk.url) as server:
            time.sleep(REST_SECONDS)
            figures.append(Figure("memory, idle", server.memory(), unit="MiB", most=15))
        for shape in shapes():
            if wanted not in shape.name:
                continue
            with tempfile.TemporaryDirectory(dir=work) as own:
                with Campana(Path(own), dingtalk.url) as server:
                    figures += under_load(server, shape)
    return figures


def under_load(server, shape):
    """The highest memory, the memory afterwards, and the slowest answer of `/-/healthy`."""
    parent, child = multiprocessing.Pipe()
    sender = multiprocessing.Process(target=send_all, args=(server.port, shape, child))
    sender.start()
    parent.recv()
    parent.send("go")
    slowest, asked = 0, 0
    while not parent.poll():
        slowest = max(slowest, ask(server.port))
        asked += 1
        time.sleep(PROBE_SECONDS)
    statuses, seconds = parent.recv()
    sender.join()
    time.sleep(AFTER_SECONDS)
    # What clients that leave set free is part of it.
    peak, after = server.memory("VmHWM"), server.memory()
    print(
        f"memory, {shape.name}: answered {dict(statuses)} in {seconds:.1f} s, peak {peak:.0f} MiB, "
        f"{AFTER_SECONDS} s later {after:.0f} MiB, slowest of {asked} /-/healthy {slowest * 1000:.0f} ms",
        flush=True,
    )
    expected = {shape.status} if shape.probed else {shape.status, "503"}
    if not expected.issuperset(statuses):
        raise Void(f"not every answer was {shape.status}: {statuses}")
    figures = [
        Figure(f"memory, {shape.name}", peak, unit="MiB", most=MOST),
        Figure(f"memory afterwards, {shape.name}", after, unit="MiB", most=MOST_AFTER),
    ]
    if shape.probed:
        name = f"slowest /-/healthy, {shape.name}"
        figures.append(Figure(name, slowest * 1000, "ms", most=100))
    return figures


def ask(port):
    """Seconds until the server said that it is healthy, connection and all."""
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as server:
        server.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        if not server.recv(64).startswith(b"HTTP/1.1 200"):
            raise Void("the server did not say that it is healthy")
    return time.perf_counter() - began


def send_all(port, shape, pipe):
    """All posts at once, each on a connection of its own; tells their statuses and the time."""
    requests = [request(shape.path, shape.body(number)) for number in range(shape.posts)]
    beginning = request(shape.path, shape.body(0))[: BODY_BYTES * 3 // 4]
    statuses = []
    threads = [
        threading.Thread(target=send, args=(port, bytes_, statuses)) for bytes_ in requests
    ]
    pipe.send("ready")
    pipe.recv()
    began = time.perf_counter()
    unfinished = [begin(port, beginning) for _ in range(shape.unfinished)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if shape.unfinished:
        time.sleep(HELD_SECONDS)
    for connection in unfinished:
        connection.close()
    pipe.send((Counter(statuses), time.perf_counter() - began))


def begin(port, bytes_):
    """A connection with the beginning of a body, as much of it as the server takes."""
    server = socket.create_connection(("127.0.0.1", port), timeout=60)
    threading.Thread(target=push, args=(server, bytes_), daemon=True).start()
    return server


def push(server, bytes_):
    try:
        server.sendall(bytes_)
    except OSError:
        # It was told to go.
        pass


def send(port, bytes_, statuses):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=120) as server:
            server.sendall(bytes_)
            status = server.recv(64).decode().split()[1]
    except (OSError, IndexError) as error:
        status = str(error)
    statuses.append(status)


def request(path, body):
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}"
    return f"{head}\r\nConnection: close\r\n\r\n".encode() + body


def notification(number, alerts):
    return {
        "version": "4", "groupKey": f"{{}}:{{n=\"{number}\"}}", "status": "firing",
        "receiver": "campana", "groupLabels": {"alertname": "DiskFull"},
        "externalURL": "http://alertmanager.example:9093", "alerts": alerts,
    }


def alert(number, description):
    return {
        "status": "firing",
        "labels": {
            "alertname": "DiskFull", "instance": f"db-{number}:9100", "job": "node",
            "severity": "critical", "team": "db",
        },
        "annotations": {
            "summary": f"the disk of db-{number} is 98 % full", "description": description,
        },
        "startsAt": "2026-11-20T19:02:00Z", "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example:9090/graph?g0.expr=disk",
    }


def filled(number, size):
    """A notification of alerts as Alertmanager writes them, in about so many bytes."""
    one = len(json.dumps(alert(10_000, "It fills in about 40 minutes."))) + 2
    alerts = [alert(at, "It fills in about 40 minutes.") for at in range((size - 1_000) // one)]
    return json.dumps(notification(number, alerts)).encode()


def many_alerts(number):
    return filled(number, BODY_BYTES)


def medium(number):
    return filled(number, 64 * 1024)


def small(number):
    return filled(number, 8 * 1024)


def one_long_value(number):
    return json.dumps(notification(number, [alert(number, "x" * (BODY_BYTES - 2_000))])).encode()


def with_list(number, items):
    """A notification whose list of alerts is this text."""
    return json.dumps(notification(number, [])).encode()[:-2] + items + b"]}"


def empty_alerts(number):
    return with_list(number, b"{}" + b",{}" * 1_300_000)


def small_alerts(number):
    """As many alerts as fit, with labels of a few bytes."""
    one = b'{"labels":{"a":"b","c":"d"},"startsAt":"2026-11-20T19:02:00Z"}'
    return with_list(number, one + (b"," + one) * (BODY_BYTES * 9 // 10 // len(one)))


def many_labels(number):
    labels = b",".join(b'"%x":""' % at for at in range(360_000))
    return with_list(number, b'{"labels":{' + labels + b"}}")


def nested(number):
    depth = 1_900_000
    return json.dumps(notification(number, [])).encode()[:-1] + b',"x":' + b"[" * depth + b"]" * depth + b"}"


def nothing(_):
    return b'{"x":[[1]' + b",[1]" * 900_000 + b"]}"


def mistaken(number):
    return with_list(number, b'{"a":[1]}' + b',{"a":[1]}' * 390_000 + b",7")


def tested(_):
    return b'{"payload":{"alerts":[{}' + b",{}" * 1_300_000 + b"]}}"
