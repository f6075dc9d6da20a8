"""Calls equal those of the Rust client, byte by byte. Its test `vectors` writes the file."""

from __future__ import annotations

import json
import unittest
from typing import Any

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from nosana import pda
from nosana.actions import clients, nodes, stakers
from nosana.jobs.accounts import Job
from nosana.jobs.types import Endpoint, Hardware, JobKind, ReturnCause, SocketAddress
from tests.reference import ROOT

VECTORS = ROOT / "clients" / "vectors" / "instructions.json"
WALLET, MARKET, MINT, JOB, OTHER = (Pubkey.from_bytes(bytes([each] * 32)) for each in range(1, 6))
DEFINITION, RESULT = bytes([21] * 32), bytes([22] * 32)
HARDWARE = Hardware(
    digest=RESULT,
    vram_mib=1,
    prompt_tokens_per_second=2,
    capacity=3,
    capabilities=4,
    memory_mib=5,
)
ENDPOINT = Endpoint(
    id=RESULT,
    relay=b"https://r".ljust(64, b"\0"),
    sockets=[SocketAddress(ip=bytes([9] * 16), port=4433), SocketAddress(ip=bytes(16), port=0)],
)


def client_calls(job: Job) -> dict[str, Instruction]:
    return {
        "list": clients.list_job(
            WALLET,
            MARKET,
            MINT,
            nonce=2**64 - 1,
            definition=DEFINITION,
            timeout_seconds=600,
            max_price_per_second=50,
            kind=JobKind.SERVICE,
            is_private=True,
            payer=OTHER,
        ),
        "cancel": clients.cancel(JOB, job, 9),
        "extend": clients.extend(JOB, job, MINT, 40, OTHER),
        "top_up": clients.top_up(OTHER, JOB, job, MINT, 30),
        "stop": clients.stop(JOB, job, OTHER),
        "accept": clients.accept(JOB, job),
        "reject": clients.reject(JOB, job, requeue=True),
        "settle": clients.settle(WALLET, JOB, job),
        "clean": clients.clean(JOB, job),
    }


def node_calls(job: Job) -> dict[str, Instruction]:
    return {
        "register_node": nodes.register_node(WALLET, MINT, HARDWARE),
        "work": nodes.work(WALLET, MARKET, min_price_per_second=50),
        "leave": nodes.leave(WALLET, MARKET, 9),
        "release_collateral": nodes.release_collateral(WALLET),
        "start": nodes.start(WALLET, JOB, job),
        "heartbeat": nodes.heartbeat(WALLET, JOB, job, checkpoint=RESULT, progress_bps=5_000),
        "finish": nodes.finish(OTHER, JOB, job, RESULT),
        "quit": nodes.quit_job(OTHER, JOB, job, ReturnCause.NODE_BUSY, DEFINITION),
        "set_draining": nodes.set_draining(WALLET, True),
        "set_endpoint": nodes.set_endpoint(WALLET, ENDPOINT),
        "update_hardware": nodes.update_hardware(WALLET, HARDWARE),
    }


def staker_calls() -> dict[str, Instruction]:
    stake = pda.stake(WALLET)
    return {
        "open_stake": stakers.open_stake(WALLET, MINT, 10, 20),
        "top_up_stake": stakers.top_up_stake(WALLET, MINT, 10),
        "extend_stake": stakers.extend_stake(WALLET, 20),
        "unstake": stakers.unstake(WALLET),
        "restake": stakers.restake(WALLET),
        "withdraw": stakers.withdraw(WALLET, MINT),
        "compound": stakers.compound(WALLET),
        "enter": stakers.enter(WALLET),
        "sync": stakers.sync(WALLET),
        "claim": stakers.claim(WALLET, MINT),
        "harvest": stakers.harvest(WALLET, MINT),
        "exit": stakers.leave_pool(WALLET, MINT),
        "fund": stakers.fund_pool(WALLET, MINT, 10),
        "open_delegation": stakers.open_delegation(OTHER, stake),
        "delegate": stakers.delegate(
            OTHER, stake, MINT, 10, max_commission_bps=500, max_duration_seconds=86_400
        ),
    }


def to_json(name: str, call: Instruction) -> dict[str, Any]:
    """The form of a call in the file."""
    return {
        "name": name,
        "program": str(call.program_id),
        "accounts": [[str(m.pubkey), m.is_signer, m.is_writable] for m in call.accounts],
        "data": bytes(call.data).hex(),
    }


class Vectors(unittest.TestCase):
    def test_calls_are_those_of_the_rust_client(self) -> None:
        vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
        job = Job.decode(bytes.fromhex(vectors["job"]))
        calls = {**client_calls(job), **node_calls(job), **staker_calls()}
        self.assertEqual([call["name"] for call in vectors["calls"]], list(calls))
        for expected in vectors["calls"]:
            with self.subTest(expected["name"]):
                self.assertEqual(to_json(expected["name"], calls[expected["name"]]), expected)


if __name__ == "__main__":
    unittest.main()
