"""The wheel, installed into a fresh environment, runs the lines of the documentation."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

from tests.network import NetworkTest
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

    def run_lines(self, python: Path, lines: str) -> str:
        """Runs lines of the documentation in the fresh environment."""
        (self.folder / "lines.py").write_text(lines, encoding="utf-8")
        return run([python, "lines.py"], self.folder, LINES_SECONDS)


if __name__ == "__main__":
    import unittest

    unittest.main()
