"""`scripts/bench retention [rows]`: how long a notification waits while old rows are deleted.

The server itself stores what is deleted later: every notification goes to ten receivers. Then it is
stopped, and every delivery is marked as delivered (in the database, since robots would take days).
The next server keeps them for a second, so that the janitor's first round, a minute after the start,
has all of them to delete at once. One notification after the other is posted meanwhile; the longest
wait of the minute before says what the disk and the machine make of it without any deletion.

Large messages have 16 KiB in each of five parts, and a payload of 64 KiB, none of which packs.
"""

import http.client
import json
import os
import sqlite3
import tempfile
import time
from pathlib import Path

from . import load
from .figures import Figure
from .servers import Campana, Simulator, Void

RECEIVERS = 10
DELETED = "settled deliveries were deleted after their retention"
RETENTION = {"CAMPANA__STORAGE__RETENTION__DELIVERED": "1s"}
# The longest that one run waits for the janitor.
LONGEST_SECONDS = 1_800

SETTLE = """
UPDATE delivery SET state = 'delivered', head = 0, part = parts, settled_ms = accepted_ms,
  settled_wall = accepted_wall;
DELETE FROM total;
INSERT INTO total SELECT 'accepted', 'notification', count(*) FROM delivery;
INSERT INTO total SELECT 'settled', 'delivered', count(*) FROM delivery;
UPDATE target SET queued = 0;
UPDATE store SET last_delivery = (SELECT max(id) FROM delivery),
  last_notification = (SELECT max(id) FROM notification);
"""

ENLARGE = """
UPDATE message SET parts = randomblob(5 * 16384);
UPDATE notification SET payload = randomblob(65536);
"""

# How many of each kind, and what makes them of that kind.
KINDS = {"rows": (1_000_000, ""), "large rows": (20_000, ENLARGE)}
SHORT = {"KINDS": {"large rows": (500, ENLARGE)}}


def measure(work, rows=None):
    """With `rows`, so many of the ordinary ones."""
    load.check_wrk()
    figures = []
    kinds = {**KINDS, "rows": (rows, "")} if rows else KINDS
    with tempfile.TemporaryDirectory(dir=work) as folder, Simulator(Path(folder)) as dingtalk:
        for name, (count, change) in kinds.items():
            with tempfile.TemporaryDirectory(dir=work) as folder:
                figures += beside(Path(folder), dingtalk, f"{count:,} {name}", count, change)
    return figures


def beside(folder, dingtalk, name, rows, change):
    print(f"retention: storing {rows:,} deliveries", flush=True)
    with Campana(folder, dingtalk.url, RECEIVERS) as server:
        load.run(server, alerts=1, connections=64, posts=rows // RECEIVERS, path="/api/v1/alerts")
    with sqlite3.connect(folder / "campana.db") as database:
        database.executescript(SETTLE + change)
        stored = database.execute("SELECT count(*) FROM delivery").fetchone()[0]
    database.close()
    # Else the system writes it whenever it likes, and what is synced meanwhile waits.
    os.sync()
    size = (folder / "campana.db").stat().st_size
    with Campana(folder, dingtalk.url, RECEIVERS, environment=RETENTION) as server:
        began = time.monotonic()
        waits = posted(server, folder / "campana.log")
    with sqlite3.connect(folder / "campana.db") as database:
        # Digests of what is posted are deliveries too.
        count = "SELECT count(*) FROM delivery WHERE origin = 'notification'"
        left = database.execute(count).fetchone()[0]
    database.close()
    # The first round begins a minute after the start.
    before = [wait for at, wait in waits if at < began + 55]
    meanwhile = [wait for at, wait in waits if at > began + 59]
    if left > len(waits) or not before or not meanwhile:
        raise Void(f"{left:,} of {stored:,} deliveries are left")
    took = waits[-1][0] - began - 60
    print(f"  {stored:,} deleted in {took:.0f} s of a file of {size / 2**20:,.0f} MiB", flush=True)
    return [
        Figure(f"longest accept beside retention, {name}", max(meanwhile) * 1000, "ms", most=50),
        Figure(f"longest accept in the minute before, {name}", max(before) * 1000, "ms"),
        Figure(f"deleted in a second, {name}", stored / max(took, 1), "/s"),
    ]


def posted(server, log):
    """Posts until the janitor says that it has deleted: when each was posted, and how long it took."""
    waits, end = [], time.monotonic() + LONGEST_SECONDS
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    while time.monotonic() < end:
        began = time.monotonic()
        connection.request("POST", server.path, notification(len(waits)))
        answer = connection.getresponse()
        answer.read()
        waits.append((began, time.monotonic() - began))
        if answer.status != 200:
            raise Void(f"a notification was answered {answer.status}")
        if len(waits) % 100 == 0 and DELETED in log.read_text(errors="replace")[-20_000:]:
            return waits
        time.sleep(0.002)
    raise Void(f"nothing was deleted within {LONGEST_SECONDS} s")


def notification(number):
    labels = {"alertname": "Retention", "instance": f"host-{number}"}
    alert = {"status": "firing", "labels": labels, "annotations": {}, "startsAt": "2026-01-01T00:00:00Z"}
    body = {"version": "4", "groupKey": f"retention-{number}", "status": "firing", "groupLabels": labels}
    return json.dumps({**body, "alerts": [alert]})
