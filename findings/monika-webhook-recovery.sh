#!/usr/bin/env bash
# Monika 1.22.0: its `webhook` channel posts the same body for an incident and for its recovery, and no channel says
# which probe it is that a post of `monika-notif` speaks of, when the probe is not of HTTP.
#
# What Monika writes into a chat tells a recovery from an incident, so a program that takes its webhook expects to be
# told as well. The body of `webhook` is `{"body": {"url", "time", "alert"}}` in both cases:
# only the time differs, and a receiver has to count. `monika-notif` says `type`, but its `url` is empty for every
# probe that is not of HTTP, and neither the probe's id, its name, its host nor its port is in the body: two
# ports that fail make two equal incidents, and of a recovery nobody can say which of the two it ends. The one channel
# has the probe's name (in `url`), the other has the state, and none has both. `alert` differs as well: the one has
# the words of `message`, the other the assertion. A post that was answered 500 is not made again.
#
# Needs Node.js with npm, and python3; it takes some minutes and 400 MB. One package below Monika is pinned as well.
#
# Seen, a page and two ports that fail and recover, without `time` and `monika`; the first post is answered 500:
#   webhook incident: {"alert": "", "url": "port-a"}
#   webhook incident: {"alert": "", "url": "port-b"}
#   webhook incident: {"alert": "response.status != 200", "url": "PAGE"}
#   webhook recovery: the same three
#   notif incident: {"alert": "Probe not accessible", "type": "incident", "url": ""} (twice)
#   notif incident: {"alert": "Status not 2xx", "type": "incident", "url": "PAGE"}
#   notif recovery: the same three, with "type": "recovery"
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >package.json <<'JSON'
{
  "private": true,
  "dependencies": {"@hyperjumptech/monika": "1.22.0"},
  "overrides": {"typedarray.prototype.slice": "1.0.5"}
}
JSON
npm install --no-audit --no-fund --loglevel=error >npm.log 2>&1 || { cat npm.log; exit 1; }

cat >play.py <<'PYTHON'
import json, os, socket, subprocess, threading, time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

posts, refused, page = [], threading.Event(), {"status": 200}


class World(BaseHTTPRequestHandler):
    """The page that is probed, and the receiver of both channels."""

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        self.answer(page["status"])

    def do_POST(self):
        posts.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        fails = self.path == "/webhook" and not refused.is_set()
        if fails:
            refused.set()
        self.answer(500 if fails else 200)

    def log_message(self, *_):
        pass


class Port:
    """A port that answers, while it is open."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.number = probe.getsockname()[1]
        self.open()

    def open(self):
        self.listener = socket.create_server(("127.0.0.1", self.number))
        threading.Thread(target=self.serve, args=[self.listener], daemon=True).start()

    def serve(self, listener):
        try:
            while True:
                client, _ = listener.accept()
                with client:
                    client.recv(64)
                    client.sendall(b"ok")
        except OSError:
            pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


world = ThreadingHTTPServer(("127.0.0.1", 0), World)
threading.Thread(target=world.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{world.server_port}"
ports = {name: Port() for name in ("port-a", "port-b")}
thresholds = {"interval": 1, "incidentThreshold": 1, "recoveryThreshold": 1}
alert = {"assertion": "response.status != 200", "message": "Status not 2xx"}
request = {"method": "GET", "url": f"{address}/page", "timeout": 2000}
with open("monika.yml", "w") as config:
    json.dump({
        "notifications": [
            {"id": "notif", "type": "monika-notif", "data": {"url": f"{address}/notif"}},
            {"id": "webhook", "type": "webhook", "data": {"url": f"{address}/webhook"}},
        ],
        "probes": [{"id": "page", "name": "page", "requests": [request], "alerts": [alert], **thresholds}] + [
            {"id": name, "name": name, "socket": {"host": "127.0.0.1", "port": port.number, "data": "x"}, **thresholds}
            for name, port in ports.items()
        ],
    }, config)


def posted(path, kind=None):
    return [body for to, body in list(posts) if to == path and (kind is None or body["type"] == kind)]


def until(what):
    end = time.monotonic() + 120
    while not what():
        assert time.monotonic() < end and monika.poll() is None, open("log").read()
        time.sleep(0.1)


monika = subprocess.Popen(
    ["node_modules/.bin/monika", "--config", "monika.yml", "--stun=-1"],
    stdin=subprocess.DEVNULL, stdout=open("log", "w"), stderr=subprocess.STDOUT, env={**os.environ, "HOME": os.getcwd()},
)
try:
    until(lambda: posted("/notif", "start"))
    page["status"] = 500
    for port in ports.values():
        port.close()
    until(lambda: len(posted("/notif", "incident")) == 3 and len(posted("/webhook")) == 3)
    # The post that was answered 500 would be made again now, if ever.
    time.sleep(15)
    assert len(posted("/webhook")) == 3, "this has changed"
    page["status"] = 200
    for port in ports.values():
        port.open()
    until(lambda: len(posted("/notif", "recovery")) == 3 and len(posted("/webhook")) == 6)
finally:
    monika.kill()
    monika.wait()


def told(bodies):
    """The bodies without what says when and where, sorted."""
    parts = [{name: value for name, value in body.items() if name not in ("time", "monika")} for body in bodies]
    return sorted(json.dumps(part, sort_keys=True).replace(request["url"], "PAGE") for part in parts)


hooks = [body["body"] for body in posted("/webhook")]
incidents, recoveries = told(hooks[:3]), told(hooks[3:])
print(*(f"webhook incident: {one}" for one in incidents), *(f"webhook recovery: {one}" for one in recoveries), sep="\n")
assert incidents == recoveries == [
    '{"alert": "", "url": "port-a"}', '{"alert": "", "url": "port-b"}',
    '{"alert": "response.status != 200", "url": "PAGE"}',
], "this has changed"
for kind in ("incident", "recovery"):
    said = told(posted("/notif", kind))
    print(*(f"notif {kind}: {one}" for one in said), sep="\n")
    assert Counter(said) == {
        json.dumps({"alert": "Probe not accessible", "type": kind, "url": ""}): 2,
        json.dumps({"alert": "Status not 2xx", "type": kind, "url": "PAGE"}): 1,
    }, "this has changed"
PYTHON
python3 play.py
