"""The fields we read of the other contexts' messages, a file per context that says them.

Every type that stands on a stream we show is here, also those that change nothing a customer sees: the version of a
part is the version of its stream.
"""
