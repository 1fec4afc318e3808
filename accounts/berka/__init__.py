"""A real bank's books: the accounts and transactions of the Berka data set (PKDD'99), and how near we come to them."""

from accounts.berka.booking import import_books as import_books
