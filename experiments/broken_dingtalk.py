"""Servers in DingTalk's place that break HTTP or TLS, as no library does: raw sockets."""

import contextlib
import socket
import ssl
import struct
import subprocess
import threading
import time
import urllib.request

from measure.servers import Void


class Listener:
    """A port of loopback at which every connection is treated by `behaviour`, in a thread of its own."""

    def __init__(self, behaviour):
        self.behaviour, self.connections = behaviour, 0
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _accept(self):
        # A closed socket ends it.
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                self.connections += 1
                threading.Thread(target=self._treat, args=(connection,), daemon=True).start()

    def _treat(self, connection):
        # What the other side does to the connection is part of it.
        with contextlib.suppress(OSError), connection:
            self.behaviour(connection)


def reset_unread(connection):
    """Reset before the body was read."""
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close_unanswered(connection):
    read_request(connection)


def never_read(connection):
    while True:
        time.sleep(60)


def no_http(connection):
    read_request(connection)
    connection.sendall(b"\x00\xff\xfe errcode 0\r\n\r\n")


def half_a_head(connection):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/js")


def endless_head(connection):
    """One byte of a header in a second."""
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Errcode: ")
    while True:
        connection.sendall(b"0")
        time.sleep(1)


def short_body(connection):
    """Ends before the length that it said, with a whole success in it."""
    read_request(connection)
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"errcode":0,"errmsg":"ok"}')


def drop(connection):
    """Nobody should have come."""
    connection.close()


def over_tls(certificate, key, url):
    """A behaviour that speaks TLS with this certificate, and passes calls on to `url`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def behaviour(connection):
        with context.wrap_socket(connection, server_side=True) as secured:
            path, body = read_request(secured)
            request = urllib.request.Request(url + path, body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))

    return behaviour


def read_request(connection):
    """The path and the body of one request."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += received(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.splitlines() if line.lower().startswith(b"content-length:")]
    while len(body) < int(lengths[0]):
        body += received(connection)
    return head.split()[1].decode(), body


def received(connection):
    piece = connection.recv(65_536)
    if not piece:
        raise ConnectionResetError("the other side is gone")
    return piece


class Authority:
    """A certificate authority of our own, in a folder; it signs for 127.0.0.1."""

    def __init__(self, folder):
        self.folder, self.root = folder, folder / "root.pem"
        (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
        root = ["-keyout", "root.key", "-out", "root.pem", "-days", "9", "-subj", "/CN=root"]
        self._openssl("req", "-x509", *KEY, *root)

    def sign(self, name, days):
        """A certificate for so many days, 0 for one that is expired, and its key."""
        self._openssl("req", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.request", "-subj", f"/CN={name}")
        self._openssl(
            "x509", "-req", "-in", f"{name}.request", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
            "-extfile", "names", "-days", str(days), "-out", f"{name}.pem",
        )
        if days == 0:
            # It is good to the end of the second in which it was signed.
            time.sleep(2)
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def _openssl(self, *arguments):
        ran = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, check=False)
        if ran.returncode:
            raise Void(f"openssl: {ran.stderr.decode()}")


KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
