#!/usr/bin/env bash
# Alertmanager v0.34.2: a receiver that took a group's first notification, and whose answers were lost, is
# never told that the group has recovered.
#
# An answer that is lost is tried again, so a receiver seems to miss nothing as long as it knows a
# notification that comes twice. But Alertmanager remembers only notifications that were answered 2xx, and
# tells a recovery only to a receiver for which it remembers that something fired. While a proxy on the way
# loses the answers, the receiver has shown the alert; the alert recovers; and from then on every flush finds
# nothing that fires and nothing that was told. The alert stands in the chat for ever. One answer that arrives
# before the recovery is enough.
#
# Needs Go and the module proxy, and python3. The web pages that the module lacks are an empty one.
#
# Seen, what was posted to a receiver of which the answers to "lost" are cut off while it fires:
#   kept: firing, resolved
#   lost: firing (several times), and nothing in three flushes after the recovery
set -euo pipefail

version=v0.34.2
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$folder"' EXIT

module=github.com/prometheus/alertmanager
go mod download "$module@$version"
cp -r "$(go env GOMODCACHE)/$module@$version" "$folder/source"
chmod -R u+w "$folder/source"
mkdir -p "$folder/source/ui/app/dist"
echo '<p>none</p>' >"$folder/source/ui/app/dist/index.html"
(cd "$folder/source" && go build -o "$folder/alertmanager" ./cmd/alertmanager)

cat >"$folder/play.py" <<'PYTHON'
import json, subprocess, sys, threading, time, urllib.request
from collections import defaultdict
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder = sys.argv[1]
told, cutting = defaultdict(list), threading.Event()
cutting.set()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = body["groupLabels"]["alertname"]
        told[name].append(body["status"])
        if name == "lost" and cutting.is_set():
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
with open(f"{folder}/config.yml", "w") as config:
    config.write(f"""
route: {{receiver: r, group_by: [alertname], group_wait: 0s, group_interval: 5s, repeat_interval: 1h}}
receivers:
  - name: r
    webhook_configs: [{{url: "http://127.0.0.1:{receiver.server_port}/"}}]
""")
url = "http://127.0.0.1:19093"
alertmanager = subprocess.Popen(
    [f"{folder}/alertmanager", f"--config.file={folder}/config.yml", f"--storage.path={folder}/data",
     "--web.listen-address=127.0.0.1:19093", "--cluster.listen-address="],
    stderr=open(f"{folder}/log", "w"),
)


def until(what, seconds):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.1)
    return what()


def ready():
    try:
        return urllib.request.urlopen(f"{url}/-/ready").status == 200
    except OSError:
        return False


def post(**times):
    alerts = [{"labels": {"alertname": name}, **times} for name in ("kept", "lost")]
    request = urllib.request.Request(
        f"{url}/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request).read()


try:
    assert until(ready, 30), open(f"{folder}/log").read()
    began = datetime.now(timezone.utc).isoformat()
    post(startsAt=began)
    assert until(lambda: len(told["lost"]) > 1 and told["kept"], 30), dict(told)
    post(startsAt=began, endsAt=datetime.now(timezone.utc).isoformat())
    assert until(lambda: "resolved" in told["kept"], 30), dict(told)
    # The tries of a flush end with its interval; three more flushes with a receiver that answers.
    time.sleep(5)
    cutting.clear()
    time.sleep(15)
    for name in ("kept", "lost"):
        print(f"{name}: {', '.join(told[name])}")
    assert told["kept"] == ["firing", "resolved"], "this has changed"
    assert set(told["lost"]) == {"firing"}, "this has changed"
finally:
    alertmanager.terminate()
    alertmanager.wait()
PYTHON
"$folder/alertmanager" --version 2>&1 | head -1
python3 "$folder/play.py" "$folder"
