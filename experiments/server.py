"""Campana's binary in a folder of its own: started, killed, stopped and asked.

It listens on a free port, another one after each start.
"""

import http.client
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from measure.servers import Void, binary_of

READY = re.compile(r"Campana is ready.* address=\S*:(\d+)")
# How long anything may take here before the run says nothing.
PATIENCE = 120


class Campana:
    """A configuration, a database, and the process that serves them, while it lives."""

    def __init__(self, folder, receivers, dingtalk=None, extra="", before=()):
        """`receivers` is the YAML below `receivers:`, `dingtalk` the URL of both APIs, and `before`
        the words of a command that runs the binary."""
        self.folder, self.before = Path(folder), before
        self.binary = binary_of("CAMPANA_BIN", "campana")
        self.process, self.port, self.starts = None, None, 0
        self.configure(receivers, dingtalk, extra)

    def configure(self, receivers, dingtalk=None, extra=""):
        self.write(configuration(receivers, dingtalk, extra))

    def write(self, text):
        """The file at once: a reload under way reads the old one or the new one."""
        new = self.folder / "campana.yml.new"
        new.write_text(text, encoding="utf-8")
        new.replace(self.folder / "campana.yml")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.kill()

    def start(self, environment=None, flags=()):
        """Starts it and waits until it takes notifications; the seconds from exec to then."""
        began = time.monotonic()
        self.launch(environment, flags)
        while not self.is_ready():
            if self.process.poll() is not None:
                raise Void(f"it ended with {self.process.returncode}: {self.log()[-2000:]}")
            if time.monotonic() - began > PATIENCE:
                raise Void(f"it is not ready: {self.log()[-2000:]}")
            time.sleep(0.002)
        return time.monotonic() - began

    def launch(self, environment=None, flags=()):
        """Starts it and waits for nothing."""
        self.starts += 1
        self.port = None
        command = [*self.before, self.binary, "serve", "--config.file=campana.yml", *flags]
        with open(self.log_file(), "wb") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env=own_environment(environment),
            )

    def is_ready(self):
        # A line that is not whole yet may lack the end of its port.
        whole = self.log().rpartition("\n")[0]
        found = READY.search(whole)
        self.port = int(found[1]) if found else None
        return found is not None

    def kill(self):
        """`kill -9`."""
        self.port = None
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self):
        """SIGTERM: the exit code, and the seconds until it ended."""
        began = time.monotonic()
        self.port = None
        self.process.terminate()
        return self.process.wait(PATIENCE), time.monotonic() - began

    def has_ended(self):
        """Whether the process ended by itself."""
        ended = self.process.poll() is not None
        if ended:
            self.port = None
        return ended

    def reload(self):
        """SIGHUP."""
        self.process.send_signal(signal.SIGHUP)

    def log_file(self):
        return self.folder / f"serve-{self.starts}.log"

    def log(self):
        """What this start has logged."""
        return self.log_file().read_text(encoding="utf-8", errors="replace")

    def logs(self):
        """What all starts have logged."""
        files = sorted(self.folder.glob("serve-*.log"))
        return "".join(file.read_text(encoding="utf-8", errors="replace") for file in files)

    def run(self, *arguments):
        """A command of the binary: its exit code and all that it printed."""
        command = [*self.before, self.binary, *arguments]
        ran = subprocess.run(
            command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=own_environment(), timeout=PATIENCE, check=False,
        )
        return ran.returncode, ran.stdout.decode(errors="replace")

    def check(self):
        """`campana queue check`: whether it found the database sound, and what it said."""
        code, said = self.run("queue", "check", "--config.file=campana.yml")
        return code == 0 and "sound: " in said, said.strip()

    def memory(self, field="VmRSS"):
        """Resident memory in MiB: `VmRSS` now, `VmHWM` at its highest."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^{field}:\s+(\d+)", status, re.M)[1]) / 1024

    def ask(self, path, body=None, method=None, timeout=PATIENCE, origin="127.0.0.1"):
        """One request on a connection of its own: status and text; OSError when it has no answer."""
        if self.port is None:
            raise ConnectionRefusedError("it is not running")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout, source_address=(origin, 0))
        try:
            return exchange(connection, method or ("GET" if body is None else "POST"), path, body)
        finally:
            connection.close()

    def get(self, path):
        """The JSON of a page."""
        status, text = self.ask(path)
        if status != 200:
            raise Void(f"{path} was answered {status}: {text[:500]}")
        return json.loads(text)

    def metrics(self):
        """Every sample of `/metrics`, by its name and labels."""
        return samples_of(self.ask("/metrics")[1])

    def queued(self):
        return int(self.metrics()["campana_deliveries_queued"])

    def drained(self, seconds=PATIENCE):
        """Waits until nothing is queued; whether that came within so many seconds."""
        return until(lambda: self.queued() == 0, seconds)

    def deliveries(self, **filters):
        """Every delivery, as the list tells it, newest first."""
        rows, after = [], ""
        words = "".join(f"&{name}={value}" for name, value in filters.items())
        while page := self.get(f"/api/v1/deliveries?limit=500{words}{after}")["deliveries"]:
            rows += page
            after = f"&after={page[-1]['id']}"
        return rows

    def delivery(self, number):
        """One delivery with its message, parts and attempts."""
        return self.get(f"/api/v1/deliveries/{number}")


def configuration(receivers, dingtalk=None, extra=""):
    """The file with these receivers, the URL of both APIs, and further settings."""
    dingtalk = dingtalk or "http://127.0.0.1:1"
    lines = [
        "web: {listen_address: '127.0.0.1:0'}",
        "storage: {url: 'sqlite:data/campana.db'}",
        f"dingtalk: {{oapi_url: '{dingtalk}', api_url: '{dingtalk}'}}",
        extra,
        "receivers:",
    ]
    return "\n".join(lines) + f"\n{receivers}"


def samples_of(exposition):
    samples = (line.rpartition(" ") for line in exposition.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in samples}


def exchange(connection, method, path, body=None):
    """One request on a connection; an answer that is no HTTP is an OSError too."""
    connection.request(method, path, body)
    return answer_of(connection)


def answer_of(connection):
    """The status and the text of the answer to the request that was sent."""
    try:
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except http.client.HTTPException as error:
        raise ConnectionError(repr(error)) from error


def until(done, seconds=PATIENCE, step=0.02):
    """Waits for it; whether it came within so many seconds."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True


def own_environment(more=None):
    """This process's environment without what would change the server's settings."""
    foreign = ("_proxy", "_PROXY")
    kept = {
        name: value for name, value in os.environ.items()
        if not name.endswith(foreign) and not name.startswith(("CAMPANA_", "DINGTALK_"))
    }
    return {**kept, **(more or {})}
