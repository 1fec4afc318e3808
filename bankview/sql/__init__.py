"""SQL that outgrows a line stands in files of its own."""

from importlib.resources import files


def read(name: str) -> str:
    return files(__name__).joinpath(name).read_text()
