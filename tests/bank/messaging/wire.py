"""A wire to a server that a test can cut, and whose answers it can hold back: real servers, unreliable in between."""

import socket
from contextlib import suppress
from threading import Event, Thread
from urllib.parse import urlsplit


class Wire:
    """Forwards TCP between us and a server.

    `cut_after` closes each connection once so many bytes have gone to the server; `hold` keeps the server's answers
    back until `release`, which delivers those that were held.
    """

    def __init__(self, url: str, default_port: int) -> None:
        parts = urlsplit(url)
        self.server = (parts.hostname or "127.0.0.1", parts.port or default_port)
        self.cut_after: int | None = None
        self.cuts = 0
        self._open = Event()
        self._open.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        login = parts.netloc.rpartition("@")[0]
        self.url = parts._replace(netloc=f"{login}@127.0.0.1:{port}").geturl()
        Thread(target=self._accept, daemon=True).start()

    def hold(self) -> None:
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def close(self) -> None:
        self.release()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self.server)
                Thread(target=self._there, args=(client, server), daemon=True).start()
                Thread(target=self._back, args=(server, client), daemon=True).start()

    def _there(self, client: socket.socket, server: socket.socket) -> None:
        sent = 0
        while data := _received(client):
            with suppress(OSError):
                server.sendall(data)
            sent += len(data)
            if self.cut_after is not None and sent > self.cut_after:
                self.cuts += 1
                break
        for end in (client, server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        while data := _received(server):
            self._open.wait()
            with suppress(OSError):
                client.sendall(data)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(65536)
    except OSError:
        return b""
