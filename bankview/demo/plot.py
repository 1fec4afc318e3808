"""The day's latency distributions as a picture."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from bankview.demo.evening import Figures


def draw(figures: Figures, path: Path) -> None:
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    left.set_title("Debit card payments: request to settled")
    distribution(left, figures.settle_ms, f"{len(figures.settle_ms):,} payments", "tab:blue")
    right.set_title("One customer's whole bank")
    distribution(right, figures.race.view_ms, "materialized view", "tab:green")
    distribution(right, figures.race.composed_ms, "composition of four contexts", "tab:orange")
    for axes in (left, right):
        finish(axes)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def distribution(axes: Axes, values: Sequence[float], label: str, colour: str) -> None:
    """The share of requests that took at most so long."""
    ranked = sorted(values)
    shares = [(place + 1) / len(ranked) for place in range(len(ranked))]
    axes.plot(ranked, shares, label=label, color=colour, drawstyle="steps-post")


def finish(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("milliseconds")
    axes.set_ylabel("share of requests")
    axes.set_ylim(0, 1.02)
    axes.grid(True, which="both", alpha=0.25)
    axes.legend(loc="lower right")
