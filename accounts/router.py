from bank.router import ContextRouter


class AccountsRouter(ContextRouter):
    context = "accounts"
