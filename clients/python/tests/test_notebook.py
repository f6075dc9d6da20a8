"""Jupyter runs the notebook from its first to its last cell, and draws. Set `NOSANA_NOTEBOOK=1`."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from unittest.mock import patch

from tests.network import NetworkTest
from tests.notebook import NOTEBOOK

CELL_SECONDS = 400


@unittest.skipUnless(os.environ.get("NOSANA_NOTEBOOK") == "1", "set NOSANA_NOTEBOOK=1")
class Notebook(NetworkTest):
    with_node = True

    def test_the_notebook_runs(self) -> None:
        import nbformat
        from jupyter_client.kernelspec import KernelSpec
        from jupyter_client.manager import AsyncKernelManager
        from nbclient import NotebookClient

        manager = AsyncKernelManager()
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        manager._kernel_spec = KernelSpec(argv=command, language="python")
        self.network.wait_until_ready()
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        with patch.dict(os.environ, NOSANA_INFO=str(self.network.info)):
            NotebookClient(notebook, km=manager, timeout=CELL_SECONDS).execute(
                stderr=subprocess.DEVNULL
            )

        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        pictures = [output for output in outputs if "image/png" in output.get("data", {})]
        self.assertEqual(len(pictures), 2)
        text = "".join(output.get("text", "") for output in outputs)
        for name in ("JobListed", "JobStarted", "JobSubmitted", "JobSettled"):
            self.assertIn(name, text)


if __name__ == "__main__":
    unittest.main()
