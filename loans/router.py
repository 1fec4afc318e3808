from bank.router import ContextRouter


class LoansRouter(ContextRouter):
    context = "loans"
