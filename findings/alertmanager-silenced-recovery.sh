#!/usr/bin/env bash
# Alertmanager v0.34.2: an alert that recovers under a silence is never told as resolved, and when it fires again,
# its receiver hears of it only with the group's next repetition.
#
# A silence is thought to delay: what it holds back is told when it ends, or the recovery is told, because the
# firing was. But a silenced alert is taken out of its group before the group is compared with what was told, and
# recovered alerts are forgotten. So no flush ever sees the recovery, and the log of what was told still says that
# the alert fires. When it fires anew, nothing has changed by that log: there is no reason to notify until
# `repeat_interval` (four hours by default) has passed. The post that comes then says `repeat interval elapsed`,
# with another `startsAt`. A receiver that takes a repetition for "still firing" shows one long incident where there
# were two, and its readers learn of the second up to four hours late.
#
# Needs Go and the module proxy, and python3. The web pages that the module lacks are an empty one.
#
# Seen, two alerts that fire, recover and fire again; "silenced" recovers under a silence that ends before it fires
# again; `group_interval` is 3 s, `repeat_interval` 30 s:
#   plain: firing (first notification), resolved (all alerts resolved), firing (first notification)
#     the second incident was told after 0 s, startsAt later
#   silenced: firing (first notification), firing (repeat interval elapsed)
#     the second incident was told after 18 s (when the 30 s had passed), startsAt later
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
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder = sys.argv[1]
told = defaultdict(list)
REPEAT = 30


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        (alert,) = body["alerts"]
        told[body["groupLabels"]["alertname"]].append(
            (body["status"], body["notification_reason"], alert["startsAt"], time.monotonic())
        )
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
with open(f"{folder}/config.yml", "w") as config:
    config.write(f"""
route: {{receiver: r, group_by: [alertname], group_wait: 0s, group_interval: 3s, repeat_interval: {REPEAT}s}}
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


def now():
    return datetime.now(timezone.utc)


def until(what, seconds):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.1)
    return what()


def ask(path, body=None, method=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, {"Content-Type": "application/json"}, method=method)
    return urllib.request.urlopen(request).read()


def ready():
    try:
        ask("/-/ready")
        return True
    except OSError:
        return False


def post(**times):
    ask("/api/v2/alerts", [{"labels": {"alertname": name}, **times} for name in ("plain", "silenced")])


try:
    assert until(ready, 30), open(f"{folder}/log").read()
    first = now().isoformat()
    post(startsAt=first)
    assert until(lambda: told["plain"] and told["silenced"], 30), dict(told)
    matcher = {"name": "alertname", "value": "silenced", "isRegex": False, "isEqual": True}
    silence = json.loads(ask("/api/v2/silences", {
        "matchers": [matcher], "startsAt": now().isoformat(), "endsAt": (now() + timedelta(hours=1)).isoformat(),
        "createdBy": "me", "comment": "maintenance",
    }))["silenceID"]
    post(startsAt=first, endsAt=now().isoformat())
    assert until(lambda: told["plain"][-1][0] == "resolved", 30), dict(told)
    # Three more flushes without the silence: the recovery would be told now, if ever.
    ask(f"/api/v2/silence/{silence}", method="DELETE")
    time.sleep(9)
    second, again = now().isoformat(), time.monotonic()
    post(startsAt=second, endsAt=(now() + timedelta(hours=1)).isoformat())
    assert until(lambda: all(len(told[name]) >= 2 and told[name][-1][0] == "firing" for name in told), 60), dict(told)
    for name in ("plain", "silenced"):
        said = ", ".join(f"{status} ({reason})" for status, reason, _, _ in told[name])
        print(f"{name}: {said}")
        print(f"  the second incident was told after {told[name][-1][3] - again:.0f} s,"
              f" startsAt {'later' if told[name][-1][2] > told[name][0][2] else 'the same'}")
    assert [said[:2] for said in told["silenced"]] == [
        ("firing", "first notification"), ("firing", "repeat interval elapsed"),
    ], "this has changed"
    assert [said[0] for said in told["plain"]] == ["firing", "resolved", "firing"], "this has changed"
    assert told["silenced"][1][2] > told["silenced"][0][2], "this has changed"
    assert told["silenced"][1][3] - told["silenced"][0][3] >= REPEAT - 1, "this has changed"
finally:
    alertmanager.terminate()
    alertmanager.wait()
PYTHON
"$folder/alertmanager" --version 2>&1 | head -1
python3 "$folder/play.py" "$folder"
