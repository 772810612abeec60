#!/usr/bin/env bash
# Alertmanager v0.34.2: with `max_alerts`, a webhook's `status` says `resolved` while alerts of the group fire,
# and `truncatedAlerts` counts recoveries.
#
# `max_alerts` is thought to shorten the list of a long group. But it cuts before anything else is computed: what is
# cut has no part in `status`, and what is kept is decided by the labels, not by the state. Three alerts that
# recover, and that come first by their labels, make a notification with `"status": "resolved"` whose two cut alerts
# fire: a receiver that closes the incident on `status` closes it too early. The other way round, two alerts behind
# the cut recover, and what is sent is three that fire and "2 cut": nobody reads that these two have recovered, and
# whoever adds `truncatedAlerts` to the firing ones counts five. `notification_reason` tells the truth.
#
# Needs Go and the module proxy, and python3. The web pages that the module lacks are an empty one.
#
# Seen, two groups of the alerts a to e with `max_alerts: 3`; in the one a, b and c recover first, in the other d and e:
#   head:
#     firing: a firing b firing c firing; 2 cut; first notification
#     resolved: a resolved b resolved c resolved; 2 cut; some alerts resolved
#     resolved: d resolved e resolved; 0 cut; all alerts resolved
#   tail:
#     firing: a firing b firing c firing; 2 cut; first notification
#     firing: a firing b firing c firing; 2 cut; some alerts resolved
#     resolved: a resolved b resolved c resolved; 0 cut; all alerts resolved
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
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder = sys.argv[1]
told = {"head": [], "tail": []}

SEEN = {
    "head": [
        "firing: a firing b firing c firing; 2 cut; first notification",
        "resolved: a resolved b resolved c resolved; 2 cut; some alerts resolved",
        "resolved: d resolved e resolved; 0 cut; all alerts resolved",
    ],
    "tail": [
        "firing: a firing b firing c firing; 2 cut; first notification",
        "firing: a firing b firing c firing; 2 cut; some alerts resolved",
        "resolved: a resolved b resolved c resolved; 0 cut; all alerts resolved",
    ],
}


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        alerts = " ".join(f"{alert['labels']['name']} {alert['status']}" for alert in body["alerts"])
        told[body["groupLabels"]["alertname"]].append(f"{body['status']}: {alerts}; {body['truncatedAlerts']} cut; {body['notification_reason']}")
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
with open(f"{folder}/config.yml", "w") as config:
    config.write(f"""
route: {{receiver: r, group_by: [alertname], group_wait: 3s, group_interval: 5s, repeat_interval: 1h}}
receivers:
  - name: r
    webhook_configs: [{{url: "http://127.0.0.1:{receiver.server_port}/", max_alerts: 3}}]
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


def post(group, names, **times):
    alerts = [{"labels": {"alertname": group, "name": name}, **times} for name in names]
    request = urllib.request.Request(
        f"{url}/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request).read()


try:
    assert until(ready, 30), open(f"{folder}/log").read()
    began = datetime.now(timezone.utc)
    fires = {"startsAt": began.isoformat(), "endsAt": (began + timedelta(hours=1)).isoformat()}
    for group in told:
        post(group, "abcde", **fires)
    assert until(lambda: all(len(said) == 1 for said in told.values()), 30), told
    for group, first, then in (("head", "abc", "de"), ("tail", "de", "abc")):
        for names in (first, then):
            before = len(told[group])
            post(group, names, startsAt=began.isoformat(), endsAt=datetime.now(timezone.utc).isoformat())
            assert until(lambda: len(told[group]) > before, 30), told
    for group, said in told.items():
        print(f"{group}:", *said, sep="\n  ")
    assert told == SEEN, "this has changed"
finally:
    alertmanager.terminate()
    alertmanager.wait()
PYTHON
"$folder/alertmanager" --version 2>&1 | head -1
python3 "$folder/play.py" "$folder"
