"""The table and the plot in `docs/benchmarks.md`."""

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

from bench.figures import Figure

DOCS = Path(__file__).resolve().parent.parent / "docs"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def write(figures: Sequence[Figure]) -> None:
    """Replace the generated part of the page; what is written around it by hand stays."""
    page = DOCS / "benchmarks.md"
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{table(figures)}\n{END}{after}")
    plot(figures)


def table(figures: Sequence[Figure]) -> str:
    when, where = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", f"{cores()}, Python {platform.python_version()}"
    taken = f"{when}, {where}; the embedded runtime, unless RabbitMQ is named"
    lines = [taken, "", "| what | median (of) | raw limit then | ratio | target | notes |", "|---|---|---|---|---|---|"]
    return "\n".join([*lines, *map(line, figures)]) + "\n"


def line(figure: Figure) -> str:
    runs = ", ".join(map(number, figure.runs))
    raw = number(sum(figure.raw) / len(figure.raw)) if figure.raw else "–"
    ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else "–"
    met = {True: " ✓", False: " ✗ missed", None: ""}[figure.met]
    value = f"{number(figure.median)} {figure.unit} ({runs})"
    return f"| {figure.what} | {value} | {raw} | {ratio} | {figure.target}{met} | {figure.notes} |"


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"


def cores() -> str:
    model = next(
        (
            row.partition(":")[2].strip()
            for row in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in row
        ),
        platform.machine(),
    )
    count = sum(row.startswith("processor") for row in Path("/proc/cpuinfo").read_text().splitlines())
    return f"{count} × {model}"


def plot(figures: Sequence[Figure]) -> None:
    """Every rate on one logarithmic axis: how the parts of the road compare."""
    rates = [figure for figure in figures if figure.unit.endswith("/s")][::-1]
    _, axis = pyplot.subplots(figsize=(10, 0.5 * len(rates) + 1))
    bars = axis.barh([figure.what for figure in rates], [figure.median for figure in rates], color="#3b6ea5")
    axis.bar_label(bars, [f" {figure.median:,.0f} {figure.unit}" for figure in rates], fontsize=8)
    axis.set_xscale("log")
    axis.set_xlim(right=max(figure.median for figure in rates) * 12)
    axis.set_xlabel("per second (log scale)")
    axis.spines[["top", "right"]].set_visible(False)
    pyplot.tight_layout()
    (DOCS / "images").mkdir(exist_ok=True)
    pyplot.savefig(DOCS / "images" / "benchmarks.png", dpi=110)
    pyplot.close()
