"""Runs the cells of the notebook without Jupyter and without matplotlib."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import Mock, patch

from tests.reference import ROOT

NOTEBOOK = ROOT / "clients" / "python" / "examples" / "timeline.ipynb"
#: What cells may call on the axes of a figure; anything else fails.
AXES_METHODS = ["annotate", "barh", "hlines", "margins", "plot", "set"]


class Plots:
    """Takes the place of `matplotlib.pyplot`: records what is plotted, and draws nothing."""

    def __init__(self) -> None:
        #: The axes of each figure, with the calls that they received.
        self.axes: list[Mock] = []
        self.shown = 0

    def subplots(self, *, figsize: tuple[float, float], layout: str) -> tuple[Mock, Mock]:
        """Returns a figure and its axes."""
        axes = Mock(spec_set=AXES_METHODS)
        self.axes.append(axes)
        return Mock(spec_set=[]), axes

    def show(self) -> None:
        """Counts the figures that are shown."""
        self.shown += 1


def run_cells(info: Path) -> tuple[str, Plots]:
    """Executes the code of the cells in their order, on the network of the file.

    Returns what they print, and what they plot.
    """
    plots, printed = Plots(), io.StringIO()
    package, pyplot = ModuleType("matplotlib"), ModuleType("matplotlib.pyplot")
    vars(pyplot).update(subplots=plots.subplots, show=plots.show)
    vars(package).update(pyplot=pyplot)
    modules = {each.__name__: each for each in (package, pyplot)}
    names: dict[str, Any] = {"__name__": "__main__"}

    with patch.dict(os.environ, NOSANA_INFO=str(info)), contextlib.redirect_stdout(printed):
        sys.modules.update(modules)
        try:
            for number, source in enumerate(read_code()):
                exec(compile(source, f"cell {number}", "exec"), names)
        finally:
            for name in modules:
                del sys.modules[name]
    return printed.getvalue(), plots


def read_code() -> list[str]:
    """Returns the sources of the cells with code."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
