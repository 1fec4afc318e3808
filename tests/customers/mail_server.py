"""A mail server on a local port that behaves as it is told (RFC 5321, as much of it as smtplib speaks)."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Server:
    """`recipient` and `data` are its answers to RCPT and to the mail's end; None hangs up instead of answering."""

    port: int = 0
    recipient: str = "250 ok"
    data: str | None = "250 ok"
    mails: list[str] = field(default_factory=list)


@contextmanager
def running() -> Iterator[Server]:
    server = Server()

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 here")
            while line := self.rfile.readline().decode():
                match line[:4].upper():
                    case "EHLO" | "HELO" | "MAIL" | "RSET":
                        self.say("250 ok")
                    case "RCPT":
                        self.say(server.recipient)
                    case "DATA":
                        self.say("354 go on")
                        server.mails.append(self.mail())
                        if server.data is None:
                            return
                        self.say(server.data)
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
