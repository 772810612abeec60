"""Mount namespaces of one's own, in which root is nobody else: another file system for the server alone."""

import os
import shutil
import subprocess

from measure.servers import Void

UNSHARE = ["unshare", "--map-root-user", "--mount"]


def lacking():
    """Why there are none here, or nothing."""
    missing = [program for program in ("unshare", "nsenter") if not shutil.which(program)]
    if missing:
        return f"{', '.join(missing)} is not installed"
    tried = subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
    return "this user may not mount a file system" if tried.returncode else None


class SmallDisk:
    """A tmpfs of so many bytes at `folder`/data, in a namespace that a process holds."""

    def __init__(self, folder, size):
        data = folder / "data"
        data.mkdir()
        mount = 'mount -t tmpfs -o size="$1" none data && echo mounted && exec sleep 3600'
        self.holder = subprocess.Popen(
            [*UNSHARE, "sh", "-c", mount, "sh", size], cwd=folder, stdout=subprocess.PIPE, text=True
        )
        if self.holder.stdout.readline() != "mounted\n":
            raise Void("the small disk cannot be mounted")
        # Without a fork: the process that is started is the server itself. The folder is entered again,
        # from inside, or the path would lead past the mount.
        self.enter = ["nsenter", f"--target={self.holder.pid}", "--user", "--mount", "--preserve-credentials"]
        self.enter += ["sh", "-c", 'cd "$0" && exec "$@"', str(folder)]
        self.filler = f"/proc/{self.holder.pid}/root{data.resolve()}/filler"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.holder.kill()
        self.holder.wait()

    def fill(self):
        """Writes until not one byte more fits."""
        with open(self.filler, "ab", buffering=0) as filler:
            for size in (65_536, 1):
                try:
                    while filler.write(b"x" * size):
                        pass
                except OSError:
                    pass

    def free(self):
        os.unlink(self.filler)
