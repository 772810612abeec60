"""`scripts/bench memory`: memory at rest, and while 64 bodies of 4 MiB come at once.

The bodies are sent from a process of its own, so that the requests to `/-/healthy`, one every few
milliseconds, are measured undisturbed. Two kinds of bodies: thousands of alerts, and one alert with
one value of almost 4 MiB.
"""

import json
import multiprocessing
import socket
import tempfile
import threading
import time
from pathlib import Path

from .figures import Figure
from .servers import Campana, Simulator, Void

BODY_BYTES = 4 * 1024 * 1024
POSTS = 64
REST_SECONDS = 3
PROBE_SECONDS = 0.005


def measure(work):
    figures = []
    with tempfile.TemporaryDirectory(dir=work) as folder, Simulator(Path(folder)) as dingtalk:
        with tempfile.TemporaryDirectory(dir=work) as own, Campana(Path(own), dingtalk.url) as server:
            time.sleep(REST_SECONDS)
            figures.append(Figure("memory, idle", server.memory(), unit="MiB", most=15))
        for name, body in (("many alerts", many_alerts), ("one long value", one_long_value)):
            with tempfile.TemporaryDirectory(dir=work) as own:
                with Campana(Path(own), dingtalk.url) as server:
                    figures += under_load(server, name, body)
    return figures


def under_load(server, name, body):
    """The highest memory, and the slowest answer of `/-/healthy`."""
    parent, child = multiprocessing.Pipe()
    sender = multiprocessing.Process(target=send_all, args=(server.port, body, child))
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
    peak = server.memory("VmHWM")
    print(
        f"memory, {name}: answered {statuses} in {seconds:.1f} s, peak {peak:.0f} MiB, at rest "
        f"{server.memory():.0f} MiB, {asked} times asked whether healthy",
        flush=True,
    )
    if statuses != {"200": POSTS}:
        raise Void(f"not every answer was 200: {statuses}")
    return [
        Figure(f"memory, 64 posts of 4 MiB, {name}", peak, unit="MiB", most=400),
        Figure(f"slowest /-/healthy, 64 posts of 4 MiB, {name}", slowest * 1000, "ms", most=100),
    ]


def ask(port):
    """Seconds until the server said that it is healthy, connection and all."""
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as server:
        server.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        if not server.recv(64).startswith(b"HTTP/1.1 200"):
            raise Void("the server did not say that it is healthy")
    return time.perf_counter() - began


def send_all(port, body, pipe):
    """All posts at once, each on a connection of its own; tells their statuses and the time."""
    requests = [request(body(number)) for number in range(POSTS)]
    statuses = {}
    threads = [
        threading.Thread(target=send, args=(port, bytes_, statuses)) for bytes_ in requests
    ]
    pipe.send("ready")
    pipe.recv()
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pipe.send((statuses, time.perf_counter() - began))


def send(port, bytes_, statuses):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=120) as server:
            server.sendall(bytes_)
            status = server.recv(64).decode().split()[1]
    except OSError as error:
        status = str(error)
    statuses[status] = statuses.get(status, 0) + 1


def request(body):
    head = f"POST /api/v1/receivers/r0/alerts HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}"
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


def many_alerts(number):
    one = len(json.dumps(alert(10_000, "It fills in about 40 minutes."))) + 2
    count = (BODY_BYTES - 1_000) // one
    alerts = [alert(at, "It fills in about 40 minutes.") for at in range(count)]
    return json.dumps(notification(number, alerts)).encode()


def one_long_value(number):
    return json.dumps(notification(number, [alert(number, "x" * (BODY_BYTES - 2_000))])).encode()
