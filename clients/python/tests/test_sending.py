"""Transactions are simulated, signed, sent again until they land or expire, and explained."""

from __future__ import annotations

import base64
import unittest
from typing import Any
from unittest.mock import patch

from solders.compute_budget import ID as COMPUTE_BUDGET
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from nosana import Client, SendOptions, jobs, staking
from nosana.addresses import SYSTEM_PROGRAM, TOKEN_PROGRAM
from nosana.deliver import EXPIRY_MARGIN_BLOCKS
from nosana.errors import (
    FrameworkError,
    InvalidArgument,
    ProgramError,
    RpcError,
    SystemProgramError,
    TokenError,
    TransactionError,
    TransactionExpired,
)
from nosana.simulate import choose_loaded_limit
from tests.node import Refusal, ScriptedNode, sequence

BLOCKHASH = str(Hash.new_unique())
LAST_HEIGHT = 1_000
LANDED = {"value": [{"slot": 7, "err": None, "confirmationStatus": "confirmed"}]}
NOWHERE: dict[str, Any] = {"value": [None]}
DETAILS = {"slot": 7, "meta": {"fee": 5_000, "computeUnitsConsumed": 9, "logMessages": []}}


class Sending(unittest.TestCase):
    def setUp(self) -> None:
        self.wallet = Keypair()
        self.sent: list[VersionedTransaction] = []

    def node(self, **answers: Any) -> ScriptedNode:
        """A node that confirms every transaction, unless a test says otherwise."""
        usual: dict[str, Any] = {
            "simulateTransaction": sequence({"value": {"err": None, "unitsConsumed": 50_000}}),
            "getLatestBlockhash": sequence(
                {"value": {"blockhash": BLOCKHASH, "lastValidBlockHeight": LAST_HEIGHT}}
            ),
            "sendTransaction": self.accept,
            "getSignatureStatuses": sequence(LANDED),
            "getTransaction": sequence(DETAILS),
            "getBlockHeight": sequence(LAST_HEIGHT),
        }
        node = ScriptedNode({**usual, **answers})
        self.addCleanup(node.close)
        return node

    def accept(self, params: list[Any]) -> str:
        self.sent.append(VersionedTransaction.from_bytes(base64.b64decode(params[0])))
        return str(self.sent[-1].signatures[0])

    def instruction(self, *signers: Pubkey, program: Pubkey = jobs.PROGRAM_ID) -> Instruction:
        return Instruction(program, b"data", [AccountMeta(each, True, False) for each in signers])

    def client(self, node: ScriptedNode, **options: Any) -> Client:
        return Client(node.url, signer=self.wallet, options=SendOptions(**options))

    def test_the_limit_is_that_of_the_simulation_and_something_more(self) -> None:
        node = self.node()
        receipt = self.client(node).send(self.instruction())

        self.assertEqual((receipt.slot, receipt.fee_lamports, receipt.compute_units), (7, 5_000, 9))
        self.assertEqual(receipt.signature, str(self.sent[0].signatures[0]))
        self.assertEqual(self.limits(0), [(2, 60_000)])
        self.assertTrue(all(self.sent[0].verify_with_results()))
        unsigned = node.params[node.calls.index("simulateTransaction")][0]
        simulated = VersionedTransaction.from_bytes(base64.b64decode(unsigned))
        self.assertFalse(any(simulated.verify_with_results()), "nothing is signed before")

    def test_a_given_limit_skips_the_simulation_and_a_fee_is_paid(self) -> None:
        node = self.node()
        self.client(node, compute_units=1_234, priority_micro_lamports=77).send(self.instruction())
        self.assertNotIn("simulateTransaction", node.calls)
        self.assertEqual(self.limits(0), [(2, 1_234), (3, 77)])

    def test_the_limit_of_loaded_bytes_is_that_of_the_simulation_and_something_more(self) -> None:
        cases = [(0, 65_536), (1, 98_304), (262_144, 327_680), (1_000_000, 1_277_952)]
        most = 64 * 1024 * 1024
        for loaded, limit in [*cases, (most, most), (2**32 - 1, most)]:
            self.assertEqual(choose_loaded_limit(loaded), limit)

        self.client(self.loading(1_000_000), priority_micro_lamports=77).send(self.instruction())
        self.assertEqual(self.limits(0), [(2, 60_000), (4, 1_277_952), (3, 77)])

    def test_a_transaction_whose_accounts_have_grown_is_sent_again_without_limit(self) -> None:
        grown = self.landed("MaxLoadedAccountsDataSizeExceeded")
        node = self.loading(1, getSignatureStatuses=sequence(grown, LANDED))
        self.client(node).send(self.instruction())
        self.assertEqual(self.limits(0), [(2, 60_000), (4, 98_304)])
        self.assertEqual(self.limits(1), [(2, 60_000)])
        self.assertEqual(len(self.sent), 2)

        for options, expected in [({}, 2), ({"expiry_retries": 0}, 1)]:
            self.sent.clear()
            node = self.loading(1, getSignatureStatuses=sequence(grown))
            with self.assertRaisesRegex(TransactionError, "send it again"):
                self.client(node, **options).send(self.instruction())
            self.assertEqual(len(self.sent), expected)

    def test_a_report_of_zero_bytes_is_none(self) -> None:
        self.client(self.loading(0)).send(self.instruction())
        self.assertEqual(self.limits(0), [(2, 60_000)])

    def test_a_failure_names_the_instruction_with_and_without_the_limit(self) -> None:
        failed = self.landed({"InstructionError": [2, {"Custom": 6001}]})
        for node, expected in [
            (self.loading(1, getSignatureStatuses=sequence(failed)), 0),
            (self.node(getSignatureStatuses=sequence(failed)), 1),
        ]:
            with self.assertRaises(jobs.errors.WrongState) as caught:
                self.client(node).send(self.instruction(), self.instruction())
            self.assertEqual(caught.exception.instruction, expected)

    def test_a_transaction_without_room_for_the_limit_has_none(self) -> None:
        found = {
            len(bytes(self.full(size))): dict(self.limits(-1)).get(4) for size in (1_012, 1_013)
        }
        self.assertEqual(found, {1_232: 98_304, 1_225: None}, "the limit takes eight bytes")

    def full(self, size: int) -> VersionedTransaction:
        """A transaction that was sent, whose instruction has this number of bytes."""
        self.client(self.loading(1)).send(Instruction(jobs.PROGRAM_ID, bytes(size), []))
        return self.sent[-1]

    def loading(self, *loaded: int, **answers: Any) -> ScriptedNode:
        """A node whose simulations load these bytes, one after the other."""
        value = {"err": None, "unitsConsumed": 50_000}
        values = [{"value": {**value, "loadedAccountsDataSize": each}} for each in loaded]
        return self.node(**{"simulateTransaction": sequence(*values), **answers})

    def landed(self, err: Any) -> Any:
        """The status of a transaction that failed."""
        return {"value": [{"slot": 7, "err": err, "confirmationStatus": "confirmed"}]}

    def limits(self, index: int) -> list[tuple[int, int]]:
        """The compute budget's instructions in a transaction: their kinds and numbers."""
        message = self.sent[index].message
        found = [
            bytes(each.data)
            for each in message.instructions
            if message.account_keys[each.program_id_index] == COMPUTE_BUDGET
        ]
        return [(data[0], int.from_bytes(data[1:], "little")) for data in found]

    def test_every_required_signer_signs_and_a_missing_one_is_named(self) -> None:
        other = Keypair()
        client = self.client(self.node())
        client.send(self.instruction(other.pubkey()), signers=[other])
        self.assertEqual(self.sent[0].verify_with_results(), [True, True])
        with self.assertRaisesRegex(InvalidArgument, f"{other.pubkey()} is missing"):
            client.send(self.instruction(other.pubkey()))

    def test_another_wallet_can_pay(self) -> None:
        sponsor = Keypair()
        self.client(self.node()).send(self.instruction(self.wallet.pubkey()), payer=sponsor)
        keys = self.sent[0].message.account_keys
        self.assertEqual(keys[:2], [sponsor.pubkey(), self.wallet.pubkey()])
        self.assertEqual(self.sent[0].verify_with_results(), [True, True])

    def test_the_same_bytes_are_sent_again_until_they_land(self) -> None:
        node = self.node(getSignatureStatuses=sequence(*[NOWHERE] * 3, LANDED))
        with patch("nosana.deliver.RESEND_SECONDS", 0.3), patch("nosana.deliver.POLL_SECONDS", 0.1):
            self.client(node).send(self.instruction())
        self.assertGreater(len(self.sent), 1)
        self.assertEqual(len({bytes(each) for each in self.sent}), 1)

    def test_an_expired_transaction_is_signed_again_and_then_given_up(self) -> None:
        late = LAST_HEIGHT + EXPIRY_MARGIN_BLOCKS + 1
        hashes = [
            {"value": {"blockhash": str(Hash.new_unique()), "lastValidBlockHeight": LAST_HEIGHT}}
            for _ in range(2)
        ]
        node = self.node(
            getSignatureStatuses=sequence(NOWHERE),
            getBlockHeight=sequence(late),
            getLatestBlockhash=sequence(*hashes),
        )
        fast = patch("nosana.deliver.POLL_SECONDS", 0.01)
        with fast, self.assertRaisesRegex(TransactionExpired, "higher priority fee"):
            self.client(node, expiry_retries=1).send(self.instruction())
        self.assertEqual(len({bytes(each) for each in self.sent}), 2)

    def test_a_block_before_the_margin_does_not_count_as_expired(self) -> None:
        node = self.node(
            getSignatureStatuses=sequence(*[NOWHERE] * 12, LANDED),
            getBlockHeight=sequence(LAST_HEIGHT + EXPIRY_MARGIN_BLOCKS),
        )
        with patch("nosana.deliver.POLL_SECONDS", 0.01):
            self.client(node, expiry_retries=0).send(self.instruction())
        self.assertIn("getBlockHeight", node.calls)

    def test_a_refusal_of_the_first_attempt_ends_it(self) -> None:
        refused = sequence(Refusal(-32002, "Blockhash not found"))
        node = self.node(sendTransaction=refused, getSignatureStatuses=sequence(NOWHERE))
        with self.assertRaisesRegex(RpcError, "Blockhash not found"):
            self.client(node).send(self.instruction())
        # A node also refuses a transaction that has landed already.
        node = self.node(sendTransaction=refused)
        self.assertEqual(self.client(node).send(self.instruction()).slot, 7)

    def test_a_transaction_that_is_too_large_is_refused(self) -> None:
        data = Instruction(jobs.PROGRAM_ID, bytes(1_200), [])
        with self.assertRaisesRegex(InvalidArgument, "1232 are allowed"):
            self.client(self.node()).send(data)

    def test_errors_are_those_of_the_innermost_program(self) -> None:
        inner = [
            f"Program {jobs.PROGRAM_ID} invoke [1]",
            f"Program {staking.PROGRAM_ID} invoke [2]",
            f"Program {staking.PROGRAM_ID} failed: custom program error: 0x17d7",
            f"Program {jobs.PROGRAM_ID} failed: custom program error: 0x17d7",
        ]
        # The simulation has two instructions before the caller's: the limits.
        failure = {"err": {"InstructionError": [3, {"Custom": 6103}]}, "logs": inner}
        node = self.node(simulateTransaction=sequence({"value": failure}))
        with self.assertRaises(staking.errors.AlreadyUnstaked) as caught:
            self.client(node).send(self.instruction(), self.instruction())
        error = caught.exception
        self.assertEqual((error.code, error.name, error.instruction), (6103, "AlreadyUnstaked", 1))
        self.assertEqual((error.signature, error.logs), (None, inner))
        self.assertIn("the staking program refuses: ", str(error))
        self.assertEqual(self.sent, [])

    def test_a_failure_after_the_simulation_names_the_transaction(self) -> None:
        err = {"InstructionError": [2, {"Custom": 6001}]}
        landed = {"value": [{"slot": 7, "err": err, "confirmationStatus": "confirmed"}]}
        node = self.node(getSignatureStatuses=sequence(landed))
        with self.assertRaises(jobs.errors.WrongState) as caught:
            self.client(node, priority_micro_lamports=1).send(self.instruction())
        self.assertEqual(caught.exception.signature, str(self.sent[0].signatures[0]))
        self.assertEqual(caught.exception.instruction, 0)

    def test_errors_of_the_framework_and_of_unknown_programs_have_names(self) -> None:
        unknown = str(Pubkey.new_unique())
        cases = [
            (str(jobs.PROGRAM_ID), 2001, FrameworkError, "ConstraintHasOne"),
            (str(TOKEN_PROGRAM), 1, TokenError, "InsufficientFunds"),
            (str(SYSTEM_PROGRAM), 1, SystemProgramError, "ResultWithNegativeLamports"),
            (unknown, 6001, ProgramError, "Unknown"),
        ]
        for program, code, kind, name in cases:
            logs = [f"Program {program} failed: custom program error: {code:#x}"]
            err = {"InstructionError": [1, {"Custom": code}]}
            node = self.node(simulateTransaction=sequence({"value": {"err": err, "logs": logs}}))
            with self.assertRaises(kind) as caught:
                self.client(node).send(self.instruction())
            error = caught.exception
            self.assertEqual((type(error), error.name, error.code), (kind, name, code))

    def test_errors_of_the_runtime_say_what_to_do(self) -> None:
        cases = [
            ("AccountNotFound", "fund the payer"),
            ({"InstructionError": [1, "ComputationalBudgetExceeded"]}, "more compute units"),
            ("MaxLoadedAccountsDataSizeExceeded", "send it again"),
            ({"InsufficientFundsForRent": {"account_index": 0}}, "fund the payer"),
            ({"InstructionError": [1, {"BorshIoError": "x"}]}, "see the logs"),
        ]
        for err, advice in cases:
            node = self.node(simulateTransaction=sequence({"value": {"err": err}}))
            with self.assertRaisesRegex(TransactionError, advice):
                self.client(node).send(self.instruction())


if __name__ == "__main__":
    unittest.main()
