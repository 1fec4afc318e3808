from bank.router import ContextRouter


class CardsRouter(ContextRouter):
    context = "cards"
