"""A mail server on a local port that behaves as it is told (RFC 5321, as much of it as smtplib speaks)."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Server:
    """`greeting`, `recipient` and `data` are its answers to who connects, to RCPT and to the mail's end; None hangs up
    instead of answering. `is_patient`: it takes another mail over the same connection."""

    port: int = 0
    greeting: str = "220 here"
    recipient: str | None = "250 ok"
    data: str | None = "250 ok"
    is_patient: bool = True
    connections: int = 0
    mails: list[str] = field(default_factory=list)


@contextmanager
def running() -> Iterator[Server]:
    server = Server()

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            server.connections += 1
            self.say(server.greeting)
            while line := self.rfile.readline().decode():
                match line[:4].upper():
                    case "EHLO" | "HELO" | "MAIL" | "RSET" | "NOOP":
                        self.say("250 ok")
                    case "RCPT":
                        if server.recipient is None:
                            return
                        self.say(server.recipient)
                    case "DATA":
                        self.say("354 go on")
                        server.mails.append(self.mail())
                        if server.data is None:
                            return
                        self.say(server.data)
                        if not server.is_patient:
                            return
                    case _:
                        self.say("221 bye")
                        return

        def mail(self) -> str:
            lines = []
            while (line := self.rfile.readline().decode()) not in (".\r\n", ""):
                lines.append(line)
            return "".join(lines)

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as listening:
        server.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        listening.shutdown()
        thread.join()
