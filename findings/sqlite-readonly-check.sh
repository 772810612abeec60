#!/usr/bin/env bash
# SQLite (apsw 3.54.1.0): integrity_check and quick_check look at CHECK constraints, but over a read-only
# connection they pass rows that break them, and say "ok".
#
# Whoever checks a database that somebody else writes opens it read-only, which is the careful way. SQLite
# leaves CHECK constraints out when it reads the schema over a connection that cannot write, since nobody
# could break them there, and so the checks have nothing to hold the rows against. NOT NULL
# is looked at in both ways. A connection that could write, with `PRAGMA query_only` and without a
# checkpoint at its end, finds them and changes nothing.
#
# It needs python3 and PyPI.
#
# Seen, connection: what integrity_check and quick_check said of a table with a row that breaks its CHECK
#   read-write: CHECK constraint failed in t | CHECK constraint failed in t
#   query_only: CHECK constraint failed in t | CHECK constraint failed in t
#   read-only: ok | ok
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check apsw==3.54.1.0

"$folder/venv/bin/python" - "$folder/t.db" <<'PYTHON'
import sys

import apsw

file = sys.argv[1]
writer = apsw.Connection(file)
writer.execute("CREATE TABLE t (n INTEGER CHECK (n >= 0))")
writer.execute("PRAGMA ignore_check_constraints = on")
writer.execute("INSERT INTO t VALUES (-1)")
writer.close()


def said(flags, pragma=None):
    connection = apsw.Connection(file, flags=flags)
    if pragma:
        connection.execute(pragma)
    said = [connection.execute(f"PRAGMA {check}").fetchall()[0][0] for check in ("integrity_check", "quick_check")]
    connection.close()
    return said


seen = {
    "read-write": said(apsw.SQLITE_OPEN_READWRITE),
    "query_only": said(apsw.SQLITE_OPEN_READWRITE, "PRAGMA query_only = on"),
    "read-only": said(apsw.SQLITE_OPEN_READONLY),
}
print("SQLite", apsw.sqlite_lib_version())
for name, words in seen.items():
    print(f"{name}: {' | '.join(words)}")
failed = ["CHECK constraint failed in t"] * 2
expected = {"read-write": failed, "query_only": failed, "read-only": ["ok", "ok"]}
assert seen == expected, "this has changed"
PYTHON
