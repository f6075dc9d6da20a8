"""The wheel, installed into a fresh environment, runs the lines of the documentation. The notebook
runs, too.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

from solders.pubkey import Pubkey

from nosana.jobs.accounts import Job
from tests.network import NetworkTest
from tests.notebook import run_cells
from tests.reference import ROOT

PACKAGE = ROOT / "clients" / "python"
LINES_SECONDS = 400
MAX_LINES = 10


def run(command: list[str | Path], folder: Path, seconds: float | None = None) -> str:
    """Runs a command and returns its output; an error quotes it."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False
    )
    if done.returncode != 0:
        raise AssertionError(f"{command} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


class Wheel(NetworkTest):
    with_node = True

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="nosana-wheel-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def build_wheel(self) -> Path:
        """Builds the wheel of a copy, so that the checkout stays clean."""
        ignored = shutil.ignore_patterns("__pycache__", "build", "*.egg-info", ".*_cache")
        shutil.copytree(PACKAGE, self.folder / "source", ignore=ignored)
        pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        run([*pip, "--no-build-isolation", "--wheel-dir", ".", "./source"], self.folder)
        (wheel,) = self.folder.glob("*.whl")
        return wheel

    def test_the_lines_of_the_documentation_run_in_a_fresh_environment(self) -> None:
        wheel = self.build_wheel()
        names = zipfile.ZipFile(wheel).namelist()
        self.assertIn("nosana/py.typed", names)
        self.assertIn("nosana/jobs/instructions/list.py", names)
        self.assertFalse([name for name in names if "test" in name or "codegen" in name])

        venv.create(self.folder / "fresh", with_pip=True)
        python = self.folder / "fresh" / "bin" / "python"
        run([python, "-m", "pip", "install", "--quiet", wheel], self.folder)
        text = (PACKAGE / "README.md").read_text(encoding="utf-8")
        lines = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0]
        self.assertLessEqual(len([line for line in lines.splitlines() if line]), MAX_LINES)

        self.network.wait_until_ready()
        shutil.copy(self.network.info, self.folder / "network.json")
        output = self.run_lines(python, lines)
        self.assertRegex(output, r"^posted \w{32,44}\n384 numbers: A cat.*\n384 numbers: The rain")

        page = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
        section = page.split("\n## Python\n")[1]
        lines = re.findall(r"```py\n(.*?)```", section, re.DOTALL)[0]
        self.assertRegex(self.run_lines(python, lines), r"^{'step 1': b'hello\\n'}\n$")

    def test_the_cells_of_the_notebook_run_and_plot_a_job(self) -> None:
        self.network.wait_until_ready()
        output, plots = run_cells(self.network.info)
        printed = output.splitlines()
        timeline, money = plots.axes
        self.assertEqual(plots.shown, 2)

        names = [call.args[0] for call in timeline.annotate.call_args_list]
        for name in ("JobListed", "JobStarted", "JobSubmitted", "JobSettled"):
            self.assertIn(name, names)
            self.assertIn(name, output)
        slots = timeline.plot.call_args.args[0]
        self.assertEqual((len(slots), slots[0], slots), (len(names), 0, sorted(slots)))

        job = self.network.client().fetch(Job, Pubkey.from_string(printed[0]))
        labels, amounts = money.barh.call_args.args
        deposit = job.price_per_second * job.timeout_seconds
        deposit += deposit * job.network_fee_bps // 10_000
        self.assertEqual((len(labels), sum(amounts)), (3, deposit))
        alike, unlike = (float(line.split()[0]) for line in printed[-2:])
        self.assertGreater(alike, unlike)

    def run_lines(self, python: Path, lines: str) -> str:
        """Runs lines of the documentation in the fresh environment."""
        (self.folder / "lines.py").write_text(lines, encoding="utf-8")
        return run([python, "lines.py"], self.folder, LINES_SECONDS)


if __name__ == "__main__":
    import unittest

    unittest.main()
