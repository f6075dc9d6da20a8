"""A client and a node on a local network, both played by this package."""

from __future__ import annotations

from typing import Any

from solders.pubkey import Pubkey

from nosana import Client, actions
from nosana.content import identifier
from nosana.definition import command, define
from nosana.jobs.accounts import Job
from nosana.jobs.types import Hardware, JobKind
from tests.network import NetworkTest

YEAR = 365 * 86_400
NOS = 1_000_000
HARDWARE = Hardware(
    digest=bytes([7] * 32),
    vram_mib=8_192,
    prompt_tokens_per_second=100,
    capacity=8,
    capabilities=1,
    memory_mib=2_048,
)
DEFINITION = define(command("hello", "echo hello"))


def result_of(definition: bytes, output: str) -> dict[str, Any]:
    """The file that a node submits."""
    operation = {
        "id": "hello",
        "status": "ok",
        "started_unix_ms": 1,
        "ended_unix_ms": 2,
        "output": output,
        "error": None,
    }
    return {
        "version": "nosana-result/1",
        "definition": identifier(definition),
        "ops": [operation],
        "engine": {"device": "a test", "backend": "cpu"},
    }


class RolesTest(NetworkTest):
    """Tests with a client and a node, both of which this package plays."""

    client: Client
    node: Client
    mint: Pubkey

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.client = cls.network.client("client")
        cls.node = cls.network.client("node")
        cls.mint = cls.client.mint()
        owner = cls.node.address
        cls.node.send(
            actions.stakers.open_stake(owner, cls.mint, 1_000 * NOS, YEAR),
            actions.stakers.enter(owner),
            actions.nodes.register_node(owner, cls.mint, HARDWARE),
        )

    @property
    def market(self) -> Pubkey:
        return self.client.settings.required_market(None)

    def take_job(self, kind: JobKind = JobKind.BATCH) -> tuple[Pubkey, Job]:
        """Posts a job, which the node takes from the queue and starts."""
        posted = self.client.post(DEFINITION, timeout_seconds=60, kind=kind)
        self.node.send(actions.nodes.work(self.node.address, self.market))
        assignment = self.node.assignment()
        assert assignment is not None
        address, job = assignment
        self.assertEqual(address, posted.address)
        self.node.send(actions.nodes.start(self.node.address, address, job))
        return address, self.client.fetch(Job, address)

    def store_result(self, job: Job, output: str = "hello\n") -> bytes:
        """Stores a result with one log, as a node does, and returns its digest."""
        store = self.node.settings.required_store()
        log = identifier(store.put(output.encode()))
        step = {"name": "step 1", "exit_code": 0, "log": log}
        content = identifier(store.put_json({"steps": [step], "artifacts": []}))
        return store.put_json(result_of(job.definition, content))

    def submit(self, address: Pubkey, job: Job) -> bytes:
        """Stores a result, and submits its digest."""
        result = self.store_result(job)
        self.node.send(actions.nodes.finish(self.node.address, address, job, result))
        return result
