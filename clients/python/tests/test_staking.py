"""Stakes, delegations and rewards on a local network; and the client for event loops."""

from __future__ import annotations

import asyncio
import unittest

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from nosana import AsyncClient, Client, actions, pda
from nosana.definition import command, define
from nosana.errors import AccountNotFound, DecodeError
from nosana.jobs import events
from nosana.jobs.accounts import Job
from nosana.jobs.types import JobState
from nosana.rewards import errors as rewards_errors
from nosana.rewards.accounts import Pool, Position
from nosana.rewards.events import Claimed
from nosana.rewards.instructions import claim, enter_delegated
from nosana.staking import errors as staking_errors
from nosana.staking.accounts import Delegation, Stake
from nosana.staking.instructions import set_delegation
from tests.network import NetworkTest

NOS = 1_000_000
MONTH = 30 * 86_400
SECONDS = 20


class Staking(NetworkTest):
    def test_a_stake_is_opened_raised_extended_unstaked_and_restaked(self) -> None:
        client = self.network.client("client")
        owner, mint, address = client.address, client.mint(), pda.stake(client.address)
        with self.assertRaises(staking_errors.DurationOutOfRange):
            client.send(actions.stakers.open_stake(owner, mint, 100 * NOS, 60))

        before = client.balance()
        client.send(
            actions.stakers.open_stake(owner, mint, 100 * NOS, MONTH),
            actions.stakers.enter(owner),
        )
        weight = client.fetch(Stake, address).xnos
        client.send(
            actions.stakers.top_up_stake(owner, mint, 50 * NOS),
            actions.stakers.extend_stake(owner, 2 * MONTH),
        )
        stake = client.fetch(Stake, address)
        self.assertEqual((stake.amount, stake.duration_seconds), (150 * NOS, 2 * MONTH))
        self.assertEqual(before - client.balance(), 150 * NOS)
        self.assertGreater(stake.xnos, weight)
        position = client.fetch(Position, pda.position(owner))
        self.assertEqual((position.owner, position.weight), (owner, stake.xnos))

        receipt = client.send(actions.stakers.unstake(owner))
        self.assertIn("Unstaked", [type(event).__name__ for event in receipt.events])
        with self.assertRaises(staking_errors.AlreadyUnstaked):
            client.send(actions.stakers.unstake(owner))
        client.send(actions.stakers.restake(owner))
        self.assertEqual(client.fetch(Stake, address).unstaked_at, 0)
        self.check_rewards()

    def check_rewards(self) -> None:
        """Income of the pool arrives at the staker."""
        client, funder = self.network.client("client"), self.network.client("deployer")
        owner, mint = client.address, client.mint()
        funder.send(actions.stakers.fund_pool(funder.address, mint, 1_000 * NOS))
        self.assertGreater(client.fetch(Pool, pda.pool()).accounted, 0)
        with self.assertRaises(rewards_errors.NotOwner):
            funder.send(self.claim_of_another(funder, client))

        with self.assertRaises(rewards_errors.NothingToClaim):
            client.send(actions.stakers.claim(owner, mint))
        self.network.advance_seconds(2 * client.fetch(Pool, pda.pool()).epoch_seconds)
        before = client.balance()
        receipt = client.send(actions.stakers.claim(owner, mint))
        (claimed,) = (event for event in receipt.events if isinstance(event, Claimed))
        self.assertGreater(claimed.amount, 0)
        self.assertEqual(client.balance() - before, claimed.amount)
        client.send(actions.stakers.harvest(owner, mint), actions.stakers.sync(owner))
        self.check_withdrawal()

    def check_withdrawal(self) -> None:
        """The whole stake comes back when its cooldown is over."""
        client = self.network.client("client")
        owner, mint, address = client.address, client.mint(), pda.stake(client.address)
        stake = client.fetch(Stake, address)
        client.send(actions.stakers.unstake(owner), actions.stakers.leave_pool(owner, mint))
        with self.assertRaises(staking_errors.StakingError):
            client.send(actions.stakers.close_stake(owner))

        self.network.advance_seconds(stake.duration_seconds)
        before = client.balance()
        client.send(actions.stakers.withdraw(owner, mint), actions.stakers.close_stake(owner))
        self.assertEqual(client.balance() - before, stake.amount)
        self.assertIsNone(client.find(Stake, address))

    def claim_of_another(self, funder: Client, client: Client) -> Instruction:
        owner = client.address
        return claim(
            owner=funder.address,
            position=pda.position(owner),
            stake=pda.stake(owner),
            pool_nos_mint=client.mint(),
        )

    def test_a_stake_accepts_a_delegation_on_its_terms(self) -> None:
        node, delegator = self.network.client("node"), self.network.client("deployer")
        mint, stake = node.mint(), pda.stake(node.address)
        node.send(actions.stakers.open_stake(node.address, mint, 100 * NOS, MONTH))
        with self.assertRaises(AccountNotFound):
            node.fetch(Delegation, pda.delegation(stake, delegator.address))

        node.send(
            enter_delegated(payer=node.address, stake=stake),
            set_delegation(owner=node.address, accepting=True, commission_bps=500),
        )
        opened = actions.stakers.open_delegation(delegator.address, stake)
        strict = actions.stakers.delegate(
            delegator.address, stake, mint, NOS, max_commission_bps=499, max_duration_seconds=MONTH
        )
        with self.assertRaises(staking_errors.StakingError) as caught:
            delegator.send(opened, strict)
        self.assertEqual(caught.exception.instruction, 1)
        fair = actions.stakers.delegate(
            delegator.address, stake, mint, NOS, max_commission_bps=500, max_duration_seconds=MONTH
        )
        delegator.send(opened, fair)
        address = pda.delegation(stake, delegator.address)
        self.assertEqual(node.fetch(Delegation, address).commission_bps, 500)
        self.assertEqual(node.fetch(Stake, stake).delegated, NOS)
        with self.assertRaisesRegex(DecodeError, "belongs to"):
            node.fetch(Job, stake)


class EventLoop(NetworkTest):
    def test_jobs_are_posted_at_the_same_time_and_followed(self) -> None:
        asyncio.run(self.post_and_cancel())

    async def post_and_cancel(self) -> None:
        client = AsyncClient.from_info(self.network.info)
        market = client.settings.required_market(None)
        definition = define(command("hello", "echo hello"))
        live = await client.follow(market)
        before = await client.balance()

        posts = [client.post(definition, timeout_seconds=60) for _ in range(3)]
        posted = await asyncio.gather(*posts)
        addresses = {each.address for each in posted}
        self.assertEqual(len(addresses), 3)
        received: set[Pubkey] = set()
        while len(received) < len(addresses):
            found = await asyncio.wait_for(anext(live), SECONDS)
            if isinstance(found.event, events.JobListed):
                received.add(found.event.job)
        self.assertEqual(received, addresses)

        for address in addresses:
            await client.cancel(address)
        jobs = await client.list_accounts(Job, market=market, state=JobState.SETTLED)
        self.assertLessEqual(addresses, set(jobs))
        self.assertEqual(await client.balance(), before)
        self.assertIsNone(await client.find(Job, pda.job(client.address, 1)))
        await live.aclose()  # type: ignore[attr-defined]


if __name__ == "__main__":
    unittest.main()
