from bank.router import ContextRouter


class BankviewRouter(ContextRouter):
    context = "bankview"
