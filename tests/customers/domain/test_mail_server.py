"""How long sending rests while the mail server is not there."""

from bank.testing import given
from customers.domain.mail_server import MAIL_SERVER, MailServerAnswered, MailServerFailed, NoteAnswer, NoteFailure


def test_each_failure_rests_twice_as_long_up_to_a_quarter_of_an_hour() -> None:
    history: list[MailServerFailed | MailServerAnswered] = []
    for _ in range(6):
        history += given(MAIL_SERVER, *history).when(NoteFailure("TimeoutError", 1_000))
    rests = [60, 120, 240, 480, 900, 900]
    assert history == [MailServerFailed("TimeoutError", n + 1, 1_000 + rest_s) for n, rest_s in enumerate(rests)]


def test_an_answer_ends_the_rest_and_the_next_failure_is_the_first_again() -> None:
    failed, answered = MailServerFailed("TimeoutError", 3, 1_240), MailServerAnswered(3)
    assert given(MAIL_SERVER, failed).when(NoteAnswer()) == [answered]
    assert given(MAIL_SERVER).when(NoteAnswer()) == []
    first = MailServerFailed("TimeoutError", 1, 1_060)
    assert given(MAIL_SERVER, failed, answered).when(NoteFailure("TimeoutError", 1_000)) == [first]
