"""Refusals have the names of the IDL; and reads of nodes and stakes."""

from __future__ import annotations

from typing import Any

from solders.pubkey import Pubkey

from nosana import Client, actions, associated_address, pda
from nosana.errors import ProgramError, TokenError, TransactionError
from nosana.jobs import errors, instructions
from nosana.jobs.accounts import Job, Market, Node
from nosana.staking.accounts import Stake
from tests import refused
from tests.roles import DEFINITION, HARDWARE, NOS, RolesTest

#: Errors of the staking and the rewards program that the cases have at least.
MIN_CODES = 36


class Refusals(RolesTest):
    def test_refusals_have_the_names_of_the_idl_and_cost_nothing(self) -> None:
        before = self.client.balance()
        terms = self.client.fetch(Market, self.market).terms
        cases: list[tuple[type[ProgramError], dict[str, Any]]] = [
            (errors.PriceAboveMaximum, {"max_price_per_second": terms.price_per_second - 1}),
            (errors.TimeoutOutOfRange, {"timeout_seconds": terms.max_timeout_seconds + 1}),
        ]
        for error, options in cases:
            with self.assertRaises(error) as caught:
                self.client.post(DEFINITION, **options)
            self.assertIsNone(caught.exception.signature, "refused in the simulation")
        with self.assertRaises(errors.EmptyDigest):
            self.client.post(bytes(32))

        posted = self.client.post(DEFINITION, timeout_seconds=60)
        job = self.client.fetch(Job, posted.address)
        stranger = self.network.client("deployer")
        with self.assertRaises(errors.NotClient):
            stranger.send(
                actions.clients.top_up(stranger.address, posted.address, job, self.mint, 1),
                self.as_stranger(stranger, posted.address, job),
            )
        self.client.cancel(posted.address)
        with self.assertRaises(errors.WrongState):
            self.client.cancel(posted.address)
        self.assertEqual(self.client.balance(), before)

    def as_stranger(self, stranger: Client, address: Pubkey, job: Job) -> Any:
        return instructions.cancel(client=stranger.address, job=address, cell=0, job_account=job)

    def test_wrong_accounts_are_refused_by_the_program_or_by_the_runtime(self) -> None:
        posted = self.client.post(DEFINITION, timeout_seconds=60)
        job = self.client.fetch(Job, posted.address)
        common: dict[str, Any] = {"client": job.client, "job": posted.address, "cell": 0}
        wrong = instructions.cancel(**common, payer_token=self.node.address, job_account=job)
        with self.assertRaises(errors.WrongAccount):
            self.client.send(wrong)

        wrong = instructions.cancel(**common, queue=self.node.address, job_account=job)
        with self.assertRaisesRegex(TransactionError, "AccountDataTooSmall"):
            self.client.send(wrong)
        self.client.cancel(posted.address)

    def test_errors_of_called_programs_are_theirs(self) -> None:
        poor = actions.stakers.top_up_stake(self.node.address, self.mint, 10**15)
        with self.assertRaises(TokenError) as caught:
            self.node.send(poor)
        self.assertEqual(caught.exception.name, "InsufficientFunds")

    def test_every_refusal_of_stakers_has_its_name(self) -> None:
        deployer = self.network.client("deployer")
        owner, node, mint = self.client.address, self.node.address, self.mint
        cases = [
            (self.client, refused.staker_cases(owner, node, mint)),
            (self.client, refused.reward_cases(owner, node, mint, self.client.clock())),
            (self.client, refused.authority_cases(owner)),
            (self.node, refused.delegation_cases(node, owner, mint)),
            (deployer, refused.admin_cases(deployer.address)),
        ]
        codes = set()
        for sender, refusals in cases:
            for error, acts in refusals:
                with self.subTest(error=error):
                    with self.assertRaises(error) as caught:
                        sender.send(*acts)
                    self.assertIsNone(caught.exception.signature)
                    self.assertEqual(caught.exception.instruction, len(acts) - 1)
                    codes.add(caught.exception.code)
        self.assertGreaterEqual(len(codes), MIN_CODES)

    def test_a_node_and_its_stake_are_read(self) -> None:
        owner = self.node.address
        nodes = self.client.list_accounts(Node, authority=owner)
        self.assertEqual(list(nodes), [pda.node(owner)])
        node = nodes[pda.node(owner)]
        self.assertEqual((node.hardware, node.vram_mib), (HARDWARE.digest, HARDWARE.vram_mib))
        self.assertEqual(node.payout, associated_address(owner, self.mint))
        stake = self.client.fetch(Stake, node.stake)
        self.assertEqual((stake.owner, stake.amount), (owner, 1_000 * NOS))


if __name__ == "__main__":
    import unittest

    unittest.main()
