#!/usr/bin/env bash
# SQLite (apsw 3.54.1.0): a used-up quota, or a lack of room that shows only when the file is synced,
# is a "disk I/O error" and not "database or disk is full".
#
# Who handles SQLITE_FULL holds a full disk for handled. It covers one error of one system call: ENOSPC
# out of a write. EDQUOT out of the same write is SQLITE_IOERR_WRITE, and ENOSPC or EDQUOT out of the
# sync (where file systems with delayed allocation, and network file systems, tell it) is
# SQLITE_IOERR_FSYNC, the same codes as a broken disk. A service that ends on a broken disk then ends,
# and refuses its next starts, over a lack of room that somebody mends by deleting a file. Only the
# system's error number tells them apart; the connection goes on by itself once there is room again.
#
# strace stands in for the file system. It needs strace, python3 and PyPI.
#
# Seen, call and error that the system gave -> what SQLite said, and whether the same connection could
# write as soon as the calls succeeded again:
#   pwrite64 ENOSPC -> SQLITE_FULL, then writes
#   pwrite64 EDQUOT -> SQLITE_IOERR_WRITE, then writes
#   fdatasync ENOSPC -> SQLITE_IOERR_FSYNC, then writes
#   fdatasync EDQUOT -> SQLITE_IOERR_FSYNC, then writes
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check apsw==3.54.1.0
cat >writer.py <<'PY'
import sys

import apsw

db = apsw.Connection(sys.argv[1])
db.pragma("journal_mode", "wal")
db.pragma("synchronous", "full")
db.execute("CREATE TABLE rows (text)")
for number in range(200):
    try:
        db.execute("INSERT INTO rows VALUES (hex(randomblob(500)))")
    except apsw.Error as error:
        code = apsw.mapping_extended_result_codes.get(error.extendedresult) or apsw.mapping_result_codes[error.result]
        break
else:
    sys.exit("no call failed")
for number in range(100):
    try:
        db.execute("INSERT INTO rows VALUES ('again')")
    except apsw.Error:
        continue
    print(f"{code}, then writes")
    break
else:
    print(f"{code}, and then fails for ever")
PY
for fault in pwrite64:ENOSPC:60..63 pwrite64:EDQUOT:60..63 fdatasync:ENOSPC:20..23 fdatasync:EDQUOT:20..23; do
  IFS=: read -r call error when <<<"$fault"
  said=$(strace -f -qq -o trace -e "trace=$call" -e "inject=$call:error=$error:when=$when" \
    venv/bin/python writer.py "$call-$error.db")
  echo "$call $error -> $said"
done | tee seen
diff - seen <<'SEEN'
pwrite64 ENOSPC -> SQLITE_FULL, then writes
pwrite64 EDQUOT -> SQLITE_IOERR_WRITE, then writes
fdatasync ENOSPC -> SQLITE_IOERR_FSYNC, then writes
fdatasync EDQUOT -> SQLITE_IOERR_FSYNC, then writes
SEEN
