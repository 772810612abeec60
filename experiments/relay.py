"""Relays on loopback that can be shut: of TCP connections to a server, and between the two peers of a cluster."""

import contextlib
import select
import socket
import threading

ANY_PORT = ("127.0.0.1", 0)


class Relay:
    """A TCP port that leads to another one while it is open; while it is shut, connections are refused,
    and those that were open are gone."""

    def __init__(self, target):
        self.target = target
        # It keeps the port while nobody listens there: a socket that does not listen refuses.
        self.holder = bound(socket.SOCK_STREAM, ANY_PORT)
        self.port = self.holder.getsockname()[1]
        self.listener, self.ends, self.lock = None, set(), threading.Lock()
        self.open()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.shut()
        self.holder.close()

    def open(self):
        self.listener = bound(socket.SOCK_STREAM, ("127.0.0.1", self.port))
        self.listener.listen(1024)
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def shut(self):
        if self.listener is None:
            return
        listener, self.listener = self.listener, None
        # Closing alone would leave the thread in its wait, and the port open.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        with self.lock:
            for end in self.ends:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                near = listener.accept()[0]
                threading.Thread(target=self._join, args=(near, listener), daemon=True).start()

    def _join(self, near, listener):
        with near, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.target)) as far:
            with self.lock:
                if self.listener is not listener:
                    return
                self.ends |= {near, far}
            back = threading.Thread(target=copy, args=(far, near), daemon=True)
            back.start()
            copy(near, far)
            back.join()
            with self.lock:
                self.ends -= {near, far}


def copy(near, far):
    """Hands on what comes, and its end."""
    with contextlib.suppress(OSError):
        while data := near.recv(65_536):
            far.sendall(data)
    with contextlib.suppress(OSError):
        far.shutdown(socket.SHUT_WR)


class Between:
    """What two peers of a cluster know of each other: `ports` are theirs, and each is told to be at its
    `relays`' port. A datagram for one comes from the other's relay, so that answers come back this way."""

    def __init__(self, ports):
        self.ports, self.is_open = ports, True
        self.relays = [Relay(port) for port in ports]
        self.datagrams = [bound(socket.SOCK_DGRAM, ("127.0.0.1", relay.port)) for relay in self.relays]
        threading.Thread(target=self._hand_on, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for relay in self.relays:
            relay.close()

    def shut(self):
        self.is_open = False
        for relay in self.relays:
            relay.shut()

    def open(self):
        self.is_open = True
        for relay in self.relays:
            relay.open()

    def _hand_on(self):
        while True:
            for arrived in select.select(self.datagrams, [], [])[0]:
                to = self.datagrams.index(arrived)
                data = arrived.recv(65_536)
                if self.is_open:
                    self.datagrams[1 - to].sendto(data, ("127.0.0.1", self.ports[to]))


def bound(kind, address):
    """A socket whose port others of this program may share."""
    made = socket.socket(socket.AF_INET, kind)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(address)
    return made
