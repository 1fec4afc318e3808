"""What Accounts does when others speak.

A step's command id is made from its process, so that it happens once however often it is asked for. A hold answers for
itself; a unit of two orders can only be refused whole, so then its process hears the answer.

What the customer reads beside an amount, the reference, goes into the events of his account alone: a process belongs to
no customer, so nothing could be sealed there.
"""
