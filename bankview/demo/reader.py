"""A reader that costs next to nothing, so that what is measured is the bank: one connection, one request at a time."""

from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from time import monotonic, perf_counter, sleep
from urllib.parse import urlsplit

from bankview.demo.client import FIRST_PAUSE_S, PATIENCE_S, Unanswered


@dataclass(slots=True)
class Reader:
    url: str
    token: str
    connection: HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = self._connect()

    def _connect(self) -> HTTPConnection:
        place = urlsplit(self.url)
        return HTTPConnection(str(place.hostname), place.port, timeout=30)

    def timed(self, path: str) -> float:
        """Milliseconds until it was answered; one that was not is asked again and not counted."""
        until = monotonic() + PATIENCE_S
        while monotonic() < until:
            began = perf_counter()
            if self._read(path) == 200:
                return (perf_counter() - began) * 1000
            sleep(FIRST_PAUSE_S)
        raise Unanswered(f"GET {path} was not answered within {PATIENCE_S:.0f} s")

    def _read(self, path: str) -> int:
        """The status; 0 if there was none."""
        try:
            self.connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
            answer = self.connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            self.connection.close()
            self.connection = self._connect()
            return 0
        return answer.status
