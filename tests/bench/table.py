"""All figures of a run, for people: what took how long, and how it compares."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.fresh import Figure

RATES = ("tokens_per_second", "rows_per_second", "accounts_per_second")
RAW = "raw COPY and merge, "
COLUMNS = ("", "database", "rows", "seconds", "CPU s", "a second", "MB", "compared")


def table(figures: Sequence[Figure]) -> str:
    lines = [COLUMNS, *[_line(figure, figures) for figure in figures]]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join(
            cell.ljust(width) if place in (0, 1, 7) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        + "\n"
        for line in lines
    )


def _line(figure: Figure, figures: Sequence[Figure]) -> tuple[str, ...]:
    rate = next((figure[name] for name in RATES if name in figure), 0)
    cpu = figure.get("our_cpu", 0) + figure.get("database_cpu", 0)
    return (
        figure["figure"],
        figure["database"],
        f"{figure['rows']:,}" if "rows" in figure else "",
        f"{figure['seconds']:.2f}",
        f"{cpu:.2f}" if cpu else "",
        f"{rate:,.0f}",
        f"{figure['peak_rss_mb']:.0f}" if "peak_rss_mb" in figure else "",
        compared(figure, figures),
    )


def compared(figure: Figure, figures: Sequence[Figure]) -> str:
    """Against the floor, the peers and a tenth of the rows, as far as they were measured."""
    said = []
    name = figure["figure"]
    beside = [other for other in figures if other["database"] == figure["database"]]
    if name.startswith("import "):
        raw = _find(beside, RAW + name.removeprefix("import "), figure["rows"])
        if raw:
            cpu = _cpu(figure) / (_cpu(raw) or 1)
            said.append(f"{figure['seconds'] / raw['seconds']:.1f} of raw ({cpu:.1f} by CPU)")
    if name == "import first":
        said += [
            f"{figure['rows_per_second'] / peer['rows_per_second']:.0f} x {peer['figure'][6:]}"
            f" ({_cpu_a_row(peer) / _cpu_a_row(figure):.0f} by CPU)"
            for peer in beside
            if peer["figure"].startswith("peer: ")
        ]
    smaller = _find(beside, name, figure.get("rows", 0) // 10)
    if smaller and "peak_rss_mb" in figure:
        said.append(f"memory {figure['peak_rss_mb'] / smaller['peak_rss_mb']:.2f} of a tenth")
    whole = _find(beside, "apply changes, first", figure.get("rows", 0))
    if name == "apply changes, 1 % changed" and whole:
        said.append(f"{_cpu(figure) / _cpu(whole):.3f} of all by CPU")
    return "; ".join(said)


def _find(figures: Sequence[Figure], name: str, rows: int) -> Figure | None:
    return next((f for f in figures if f["figure"] == name and f.get("rows") == rows), None)


def _cpu(figure: Figure) -> float:
    return float(figure["our_cpu"] + figure["database_cpu"])


def _cpu_a_row(figure: Figure) -> float:
    return _cpu(figure) / float(figure["rows"]) or 1e-9
