"""Starts and stops what is measured and what it needs: Campana, the bare reference server, the
simulated DingTalk, a real Alertmanager.

Each server has a folder of its own, on the disk and not in memory, and a free port of loopback. A
server that ends by itself ends the run.
"""

import contextlib
import json
import os
import random
import shutil
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


class Void(Exception):
    """The run says nothing, for this reason."""


def free_port():
    """A free port, which no connection takes until a server has it: the system gives connections ports
    from `ip_local_port_range`."""
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", random.randrange(10_000, first) if first > 20_000 else 0))
            return probe.getsockname()[1]


def is_answered(port, path):
    """Asks once; in a tight loop this costs less than a millisecond a round."""
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as server:
            server.sendall(request.encode())
            return server.recv(64).startswith(b"HTTP/1.1 ")
    except OSError:
        return False


class Server:
    """A running process that listens on `port`."""

    def __init__(self, command, folder, port, ready_path, output, environment=None, errors=None):
        """What it says is written to the file `output`, its errors too, or to a file of their own."""
        self.port = port
        self.folder = folder
        with (
            open(folder / output, "wb") as log,
            open(folder / errors, "wb") if errors else contextlib.nullcontext(log) as error_log,
        ):
            began = time.perf_counter()
            variables = {**os.environ, **(environment or {})}
            self.process = subprocess.Popen(
                command, cwd=folder, stdout=log, stderr=error_log, env=variables,
            )
        while not is_answered(port, ready_path):
            if self.process.poll() is not None or time.perf_counter() - began > 120:
                self.stop()
                raise Void(f"not ready: {(folder / output).read_text()[-2000:]}")
        # From exec to the first answer.
        self.start_seconds = time.perf_counter() - began

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=60)

    def cpu_seconds(self):
        """User and system time of all its threads, those that have ended too."""
        # The name, in brackets, may hold spaces.
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self, field="VmRSS"):
        """Resident memory in MiB: `VmRSS` now, `VmHWM` at its highest."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) / 1024
        raise Void(f"the process has no {field}")


class Campana(Server):
    """The release binary with these receivers, sending to the simulator at `dingtalk`."""

    def __init__(
        self, folder, dingtalk, receivers=1, extra="", webhooks=None, keys=None, environment=None,
    ):
        port = free_port()
        text = configuration(port, dingtalk, receivers, extra, webhooks or {}, keys)
        (folder / "campana.yml").write_text(text)
        binary = binary_of("CAMPANA_BIN", "campana")
        command = [binary, "serve", "--config.file=campana.yml"]
        super().__init__(command, folder, port, "/-/ready", "campana.log", environment)
        self.path = "/api/v1/receivers/r0/alerts"

    def metrics(self):
        """Every sample of `/metrics`, by its name and labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in samples}

    def stored(self):
        """How many deliveries were made of notifications, as the database counts them."""
        return int(self.metrics()['campana_deliveries_accepted_total{origin="notification"}'])

    def queued(self):
        return int(self.metrics()["campana_deliveries_queued"])


def configuration(port, dingtalk, receivers, extra, webhooks, keys=None):
    """A file with receivers r0, r1, …, each with one chatbot of its own.

    `keys` gives the further keys of a receiver and of its chatbot, by the receiver's number.
    """
    lines = [
        f"web: {{listen_address: '127.0.0.1:{port}'}}",
        "storage: {url: 'sqlite:campana.db'}",
        f"dingtalk: {{oapi_url: '{dingtalk}', api_url: '{dingtalk}'}}",
        extra,
        "receivers:",
    ]
    for number in range(receivers):
        name = f"r{number}"
        robot = f"webhook_url: '{webhooks[name]}'" if name in webhooks else f"access_token: t{number:063d}"
        own, robots_own = keys(number) if keys else ("", "")
        lines.append(f"  - {{name: {name}, {own}chatbots: [{{name: bot, {robots_own}{robot}}}]}}")
    return "\n".join(lines) + "\n"


def each_alone(_receiver):
    """The keys of a receiver and of its chatbot, whose messages go out one by one."""
    return "", "overflow: queue, "


class Bare(Server):
    """The reference server."""

    def __init__(self, folder):
        port = free_port()
        command = [binary_of("BARE_BIN", "bare"), f"127.0.0.1:{port}", "bare.db"]
        super().__init__(command, folder, port, "/", "bare.log")
        self.path = "/alerts"

    def stored(self):
        """How many pairs of rows are on disk."""
        with sqlite3.connect(self.folder / "bare.db") as database:
            # One statement sees one state; the load may have left requests that are still stored.
            counts = database.execute(
                "SELECT (SELECT count(*) FROM body), (SELECT count(*) FROM notification)"
            ).fetchone()
        if counts[0] != counts[1]:
            raise Void(f"the reference server has {counts[0]} bodies for {counts[1]} rows")
        return counts[0]


class Simulator(Server):
    """The simulated DingTalk, which takes every token and writes each message as a line of JSON."""

    def __init__(self, folder, *options):
        port = free_port()
        binary = binary_of("DINGTALK_SIM_BIN", "dingtalk-sim")
        command = [binary, "--any", "--json", f"--listen=127.0.0.1:{port}", *options]
        # Beside the record it says where it listens.
        super().__init__(command, folder, port, "/", "dingtalk.log", errors="dingtalk.errors")
        self.url = f"http://127.0.0.1:{port}"

    def lines(self):
        text = (self.folder / "dingtalk.log").read_bytes()
        whole = text[: text.rfind(b"\n") + 1]
        return [json.loads(line) for line in whole.splitlines()]

    def posts(self):
        """Every message that a reader has seen so far."""
        return [line for line in self.lines() if "text" in line]

    def calls(self):
        """Every message that was sent, accepted or not, if it was started with `--calls`."""
        return [line for line in self.lines() if line.get("path") == "/robot/send"]

    def count(self):
        return (self.folder / "dingtalk.log").read_bytes().count(b"\n")


NO_ALERTMANAGER = "Alertmanager is not installed"


def alertmanager_binary():
    """The one that the environment names, or the one that is installed, if there is one."""
    return os.environ.get("ALERTMANAGER_BIN") or shutil.which("prometheus-alertmanager")


class Alertmanager(Server):
    """A real one, which tells `url` of each group; without the flags of a `cluster` it is alone."""

    def __init__(
        self, folder, url, group_by, group_wait, group_interval, repeat_interval="4h", cluster=None,
    ):
        binary = alertmanager_binary()
        if binary is None:
            raise Void(f"{NO_ALERTMANAGER}: apt-get install prometheus-alertmanager")
        port = free_port()
        lines = [
            "route:",
            "  receiver: campana",
            f"  group_by: [{', '.join(group_by)}]",
            f"  group_wait: {group_wait}",
            f"  group_interval: {group_interval}",
            f"  repeat_interval: {repeat_interval}",
            "receivers:",
            "  - name: campana",
            f"    webhook_configs: [{{url: '{url}', send_resolved: true}}]",
        ]
        (folder / "alertmanager.yml").write_text("\n".join(lines) + "\n")
        command = [binary, "--config.file=alertmanager.yml", "--storage.path=alertmanager"]
        # Empty: no cluster, and no port for one.
        command += cluster or ["--cluster.listen-address="]
        command += [f"--web.listen-address=127.0.0.1:{port}"]
        super().__init__(command, folder, port, "/-/ready", "alertmanager.log")

    def post(self, alerts):
        """Tells it alerts, as Prometheus does: at most 64 in a request."""
        for first in range(0, len(alerts), 64):
            body = json.dumps(alerts[first : first + 64]).encode()
            url = f"http://127.0.0.1:{self.port}/api/v2/alerts"
            headers = {"Content-Type": "application/json"}
            urllib.request.urlopen(urllib.request.Request(url, body, headers)).close()


class Hanging:
    """A DingTalk, or one robot of it, that takes every connection and never answers."""

    def __enter__(self):
        # Every lane may connect at once.
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.connections = []
        threading.Thread(target=self.take, daemon=True).start()
        return self

    def take(self):
        while True:
            try:
                self.connections.append(self.listener.accept()[0])
            except OSError:
                return

    def __exit__(self, *_):
        # Closing alone would leave the thread in its wait.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.connections:
            connection.close()


def binary_of(variable, name):
    """The binary that the environment names, or the release build."""
    path = os.environ.get(variable) or str(ROOT / "target/release" / name)
    if not os.access(path, os.X_OK):
        raise Void(f"{path} is missing: set {variable}, or let scripts/bench build it")
    return str(Path(path).resolve())


def build(with_bare):
    """Builds what the environment does not name, and names it there, for further processes too. The
    reference server is built only where it is measured."""
    # The benchmark first: cargo builds Campana's binary beside it, with the features that only
    # development needs, and the product's own build takes that one's place.
    wanted = [("BARE_BIN", "bare", ["--package=campana", "--bench=bare"])] if with_bare else []
    wanted += [("CAMPANA_BIN", "campana", ["--package=campana", "--bins"])]
    wanted += [("DINGTALK_SIM_BIN", "dingtalk-sim", ["--package=dingtalk-sim", "--bins"])]
    for variable, name, target in wanted:
        if os.environ.get(variable):
            continue
        command = ["cargo", "build", "--release", "--locked", *target, "--message-format=json"]
        built = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        for line in built.stdout.splitlines():
            message = json.loads(line)
            if message.get("executable") and message["target"]["name"] == name:
                os.environ[variable] = message["executable"]
