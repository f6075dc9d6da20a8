"""A local network, as `nosana localnet` runs it."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path
from typing import IO

from nosana import Client
from tests.reference import ROOT

#: The network has to load a model before it is ready.
START_SECONDS = 240
STOP_SECONDS = 8
#: The most of the network's output that an error quotes.
QUOTED_CHARACTERS = 4_000
#: Blocks follow each other faster than by default, so that the tests wait less.
SLOT_MILLISECONDS = "100"


def find_binary() -> Path:
    """Returns the binary that `NOSANA_BIN` names, or the one that `cargo build` left here."""
    binary = Path(os.environ.get("NOSANA_BIN") or ROOT / "target" / "debug" / "nosana")
    if not binary.is_file():
        raise FileNotFoundError(
            f"{binary} does not exist: run `cargo build --bin nosana`, or set NOSANA_BIN"
        )
    return binary


class Network:
    """A network that starts, and the file that it writes its addresses and keys to."""

    def __init__(self, *, with_node: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nosana-python-"))
        self.info = self.folder / "network.json"
        self._output: IO[bytes] = (self.folder / "output").open("wb")
        command = [str(find_binary()), "localnet", "--port", "0", "--slot-ms", SLOT_MILLISECONDS]
        command += ["--info-file", str(self.info), "--store", str(self.folder / "store")]
        command += ["--with-node"] if with_node else []
        # Threads that wait for each other take long on a busy machine.
        defaults = {"SBF_OUT_DIR": str(ROOT / "target" / "deploy"), "NOSANA_CPU_THREADS": "1"}
        environment = {**defaults, **os.environ}
        # A session of its own, so that an interrupt of the tests does not reach it twice.
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        atexit.register(self.stop)

    def wait_until_ready(self) -> None:
        """Returns once the network has written its file; raises what it printed if it ends."""
        deadline = time.monotonic() + START_SECONDS
        while not self.info.is_file():
            if self._process.poll() is not None or time.monotonic() > deadline:
                output = (self.folder / "output").read_text(encoding="utf-8", errors="replace")
                self.stop()
                quoted = output[-QUOTED_CHARACTERS:]
                raise RuntimeError(f"the local network did not start; its output ends:\n{quoted}")
            time.sleep(0.1)

    def client(self, wallet: str = "client") -> Client:
        """Returns a client with one of the network's wallets."""
        return Client.from_info(self.info, wallet)

    def advance_seconds(self, seconds: int) -> None:
        """Moves the network's clock forward."""
        client = self.client()
        later = (client.clock() + seconds) * 1_000
        client.settings.rpc.call("surfnet_timeTravel", [{"absoluteTimestamp": later}])

    def stop(self) -> None:
        """Ends the network, and removes its files."""
        atexit.unregister(self.stop)
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._output.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class NetworkTest(unittest.TestCase):
    """Tests that share one network."""

    with_node = False
    network: Network

    @classmethod
    def setUpClass(cls) -> None:
        cls.network = Network(with_node=cls.with_node)
        cls.addClassCleanup(cls.network.stop)
        # A node has to load a model first: the test can do something else in the meantime.
        if not cls.with_node:
            cls.network.wait_until_ready()
