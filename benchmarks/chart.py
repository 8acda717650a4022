"""A picture of the results of ``training``: a panel for each workload, a bar for each contender."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .training import number, title

MINE, OTHERS, FLOOR = "#76b900", "#9aa3ab", "#c0392b"


def draw(result: dict[str, Any], path: Path) -> None:
    """Draw the median time per step with its quartiles; shorter is better."""
    from matplotlib.figure import Figure

    workloads = [measured for measured in result["workloads"] if measured["contenders"]]
    heights = [len(measured["contenders"]) + 1.5 for measured in workloads]
    figure = Figure(figsize=(8, 0.28 * sum(heights) + 0.6), layout="constrained")
    panels = figure.subplots(len(workloads), 1, squeeze=False, height_ratios=heights)[:, 0]
    for panel, measured in zip(panels, workloads, strict=True):
        _panel(panel, measured)
    machine = result["machine"]
    panels[-1].set_xlabel(
        f"µs a step, median and quartiles of {result['rounds']} rounds; {machine['cpu']}, {machine['cores']} cores"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    print(f"picture: {path}")


def _panel(panel: Any, measured: dict[str, Any]) -> None:
    entries = dict(sorted(measured["contenders"].items(), key=lambda item: -item[1]["us_per_step"]))
    medians = [entry["us_per_step"] for entry in entries.values()]
    below = [entry["us_per_step"] - entry["quartiles"][0] for entry in entries.values()]
    above = [entry["quartiles"][1] - entry["us_per_step"] for entry in entries.values()]
    colors = [MINE if name.startswith("gpunet") else OTHERS for name in entries]
    bars = panel.barh(list(entries), medians, xerr=[below, above], color=colors, error_kw={"elinewidth": 1})
    panel.bar_label(bars, [number(median) for median in medians], padding=4, fontsize=8)
    if measured["floor"] is not None:
        panel.axvline(measured["floor"]["floor_us"], color=FLOOR, linestyle="--", linewidth=1, label="floor")
        panel.legend(loc="upper right", fontsize=8, frameon=False)
    panel.set_title(title(measured), fontsize=9, loc="left")
    panel.tick_params(labelsize=8)
    panel.margins(x=0.12)
    panel.spines[["top", "right"]].set_visible(False)
