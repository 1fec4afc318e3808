from bank.router import ContextRouter


class CustomersRouter(ContextRouter):
    context = "customers"
