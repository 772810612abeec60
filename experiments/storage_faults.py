"""Writes and syncs that fail, and a disk that is full: nothing answered 200 is lost.

Injects, with strace, EIO, ENOSPC and EDQUOT into fdatasync and pwrite64, and fills a small file system
(a tmpfs in a mount namespace of the server's own) while deliveries wait.
Passes: every answer is 200 or 503; lost 0, out of order 0, shown twice 0. A lack of room is over with
the lack, without a restart, within 5 s; while the disk is full, what is queued is sent and settled. After
EIO the process ends with 1 within a second and without another sync, and the next start finds a sound
database.
"""

import shutil
import signal
import time
from dataclasses import dataclass

from measure.servers import Void

from . import account, mounts
from .account import Account
from .dingtalk import DingTalk
from .load import Load, receivers
from .mounts import SmallDisk
from .server import Campana, until

NUMBER = "3, 4"
PLANTED = {
    "a writer takes for accepted what nobody posted": "lost",
    "the process syncs once more after EIO": "syncs after EIO",
    "a message stands in the chat twice": "shown twice",
}

# The call, its error, and which calls of it fail; without an end, all that follow.
FAULTS = [
    ("fdatasync", "ENOSPC", "60..75"),
    ("fdatasync", "EDQUOT", "60..75"),
    ("pwrite64", "EDQUOT", "2600..2640"),
    ("pwrite64", "ENOSPC", "2600..2640"),
    ("fdatasync", "EIO", "60"),
    ("pwrite64", "EIO", "2600"),
]
SHAPE = {"writers": 4, "receivers": 60, "groups": 2, "states": 5}
TMPFS = "48m"


@dataclass
class FullDisk:
    """What was sent while it was full, of how much, and the seconds until a 200 once it had room."""

    sent: int
    waiting: int
    recovered: float


@dataclass
class Outcome:
    """What one fault did."""

    words: str
    account: Account
    answers: dict
    sound: str
    # Of EIO: the exit code, the seconds from the error to the end, and the syncs between them.
    exit_code: int | None = None
    ended: float = 0.0
    syncs: int = 0
    disk: FullDisk | None = None


def lacks():
    return None if shutil.which("strace") else "strace is not installed"


def play(run):
    faults = [FAULTS[0], FAULTS[3], *FAULTS[4:]] if run.short else FAULTS
    outcomes = [failing(run, *fault) for fault in faults]
    return outcomes if mounts.lacking() else [*outcomes, full(run)]


def plant(outcomes, fault):
    eio = next(outcome for outcome in outcomes if outcome.exit_code is not None)
    if fault == "the process syncs once more after EIO":
        eio.syncs += 1
    elif fault == "a message stands in the chat twice":
        account.show_a_message_twice(eio.account)
    else:
        account.promise_what_nobody_posted(eio.account)


def judge(outcomes, verdict):
    for outcome in outcomes:
        answers = sorted(outcome.answers.items())
        counts = ", ".join(f"{count} answered {status or 'nothing'}" for status, count in answers)
        verdict.injected(f"{outcome.words}: {counts}")
    accounts = [outcome.account for outcome in outcomes]
    account.judge(verdict, *accounts)
    verdict.none("shown twice", [post.title for post in account.each(accounts, Account.repeated)])
    others = {status for outcome in outcomes for status in outcome.answers} - {0, 200, 503}
    verdict.none("answers that are neither 200 nor 503", others)
    verdict.none("databases that are not sound", [outcome.sound for outcome in outcomes if outcome.sound])
    eio = [outcome for outcome in outcomes if outcome.exit_code is not None]
    verdict.none("exit codes after EIO that are not 1", [each.exit_code for each in eio if each.exit_code != 1])
    verdict.most("syncs after EIO", sum(outcome.syncs for outcome in eio), 0)
    verdict.time("from EIO to the end, the slowest", max(outcome.ended for outcome in eio), 1)
    disk = outcomes[-1].disk
    if disk:
        verdict.least(f"sent while the disk was full, of {disk.waiting}", disk.sent, disk.waiting)
        verdict.time("a 200 again after the disk had room", disk.recovered, 5)
    else:
        verdict.told("a full disk", f"not tried: {mounts.lacking()}")


def failing(run, call, error, when):
    """Lets a system call fail; with EIO the process ends, and is started again."""
    folder = run.fresh_folder()
    trace = folder / "trace"
    strace = ["strace", "-D", "-f", "-qq", "-ttt", "-o", trace, "-e", "trace=fdatasync,fsync,pwrite64"]
    strace += ["-e", f"inject={call}:error={error}:when={when}"]
    with DingTalk(folder) as dingtalk, \
            Campana(folder, receivers(SHAPE["receivers"]), dingtalk.url, before=strace) as server:
        server.start()
        load = Load(server, run.random, **SHAPE).start()
        found = {}
        if error == "EIO":
            if not until(server.has_ended):
                raise Void(f"{call} {error}: it did not end")
            found = {**after_the_error(trace), "exit_code": server.process.returncode}
            server.before = ()
            server.start()
        accounted = finish(load, dingtalk, server)
        if "INJECTED" not in trace.read_text():
            raise Void(f"{call} {error}: no call failed")
        sound = sound_after_stop(server)
        return Outcome(f"{error} from {call}", accounted, dict(load.answers), sound, **found)


def after_the_error(trace):
    """How long the process lived on, and how often it synced."""
    ended = time.time()
    calls = trace.read_text().splitlines()
    failed = next((place for place, line in enumerate(calls) if "INJECTED" in line), None)
    if failed is None:
        raise Void("it ended, and no call had failed")
    syncs = sum("sync(" in line for line in calls[failed + 1:])
    return {"ended": ended - float(calls[failed].split()[1]), "syncs": syncs}


def finish(load, dingtalk, server):
    if not until(load.is_done):
        raise Void(f"the load does not end: {server.log()[-1000:]}")
    if not server.drained():
        raise Void(f"the queue does not drain: {server.log()[-1000:]}")
    return Account.of(load.accepted, dingtalk, server)


def sound_after_stop(server):
    server.stop()
    sound, said = server.check()
    return "" if sound else said


def full(run):
    """Fills the disk while DingTalk holds its answers back, kills the process and starts it again without
    room, and gives the room back in the end."""
    folder = run.fresh_folder()
    with SmallDisk(folder, TMPFS) as disk, DingTalk(folder) as dingtalk, \
            Campana(folder, receivers(SHAPE["receivers"]), dingtalk.url, before=disk.enter) as server:
        # Else it would take nothing in long before the last byte.
        limits = {"CAMPANA__STORAGE__LIMITS__FREE_DISK": "0"}
        server.start(limits)
        dingtalk.process.send_signal(signal.SIGSTOP)
        load = Load(server, run.random, **SHAPE).start()
        load.wait_for(100)
        if not until(lambda: disk.fill() or load.answers[503] > 20):
            raise Void("the disk is full, and nobody was answered 503")
        waiting = server.queued()
        server.kill()
        disk.fill()
        server.start(limits)
        dingtalk.process.send_signal(signal.SIGCONT)
        # What was accepted is sent and settled, although nothing new has room.
        until(lambda: disk.fill() or server.queued() == 0, seconds=300)
        sent = waiting - server.queued()
        accepted, began = load.count(), time.monotonic()
        disk.free()
        load.wait_for(accepted + 1)
        recovered = time.monotonic() - began
        accounted = finish(load, dingtalk, server)
        sound = sound_after_stop(server)
        words = f"a disk of {TMPFS} filled to the last byte with {waiting} queued"
        return Outcome(words, accounted, dict(load.answers), sound, disk=FullDisk(sent, waiting, recovered))
