"""Instructions of stakers and delegators. `owner` is the wallet with the stake."""

from __future__ import annotations

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from nosana import pda
from nosana.rewards import instructions as rewards
from nosana.staking import instructions as staking


def open_stake(owner: Pubkey, mint: Pubkey, amount: int, duration_seconds: int) -> Instruction:
    """Opens a stake from the wallet's token account."""
    return staking.open_stake(
        owner=owner, amount=amount, duration_seconds=duration_seconds, config_nos_mint=mint
    )


def top_up_stake(owner: Pubkey, mint: Pubkey, amount: int) -> Instruction:
    """Adds to the stake from the wallet's token account."""
    return staking.top_up(owner=owner, amount=amount, config_nos_mint=mint, position=own(owner))


def extend_stake(owner: Pubkey, duration_seconds: int) -> Instruction:
    """Extends the cooldown of the stake."""
    return staking.extend(owner=owner, duration_seconds=duration_seconds, position=own(owner))


def unstake(owner: Pubkey) -> Instruction:
    """Starts the cooldown of the stake."""
    return staking.unstake(owner=owner, position=own(owner))


def restake(owner: Pubkey) -> Instruction:
    """Ends the cooldown of the stake, and stakes what remains again."""
    return staking.restake(owner=owner, position=own(owner))


def withdraw(owner: Pubkey, mint: Pubkey) -> Instruction:
    """Pays the amount that the cooldown has released into the wallet's token account.

    The owner of a node puts `nodes.release_collateral` before it in the same transaction.
    """
    return staking.withdraw(owner=owner, config_nos_mint=mint)


def close_stake(owner: Pubkey) -> Instruction:
    """Closes an empty stake, and refunds its rent."""
    return staking.close(owner=owner)


def enter(owner: Pubkey) -> Instruction:
    """Opens a position in the reward pool with the weight of the stake."""
    return rewards.enter(owner=owner)


def sync(owner: Pubkey) -> Instruction:
    """Settles a position and sets it to its stake's current weight."""
    return rewards.sync(position=own(owner), stake=pda.stake(owner))


def claim(owner: Pubkey, mint: Pubkey) -> Instruction:
    """Pays the earnings of the position into the wallet's token account."""
    return rewards.claim(owner=owner, stake=pda.stake(owner), pool_nos_mint=mint)


def harvest(owner: Pubkey, mint: Pubkey) -> Instruction:
    """Settles the position at its stake's current weight, and pays its earnings, if any."""
    return rewards.harvest(owner=owner, stake=pda.stake(owner), pool_nos_mint=mint)


def compound(owner: Pubkey) -> Instruction:
    """Adds the earnings of the position to the stake."""
    return staking.compound(owner=owner, position=own(owner))


def leave_pool(owner: Pubkey, mint: Pubkey) -> Instruction:
    """Pays the earnings of the position, and closes it."""
    return rewards.exit_(owner=owner, stake=pda.stake(owner), pool_nos_mint=mint)


def fund_pool(authority: Pubkey, mint: Pubkey, amount: int) -> Instruction:
    """Adds income to the reward pool from the authority's token account."""
    return rewards.fund(authority=authority, amount=amount, pool_nos_mint=mint)


def open_delegation(delegator: Pubkey, stake: Pubkey) -> Instruction:
    """Opens an empty delegation to a stake."""
    return staking.open_delegation(delegator=delegator, stake=stake)


def delegate(
    delegator: Pubkey,
    stake: Pubkey,
    mint: Pubkey,
    amount: int,
    *,
    max_commission_bps: int,
    max_duration_seconds: int,
) -> Instruction:
    """Delegates to a stake, unless its commission or its cooldown exceeds the given one."""
    return staking.delegate(
        delegator=delegator,
        stake=stake,
        delegation=pda.delegation(stake, delegator),
        amount=amount,
        max_commission_bps=max_commission_bps,
        max_duration_seconds=max_duration_seconds,
        config_nos_mint=mint,
    )


def own(owner: Pubkey) -> Pubkey:
    """Returns the wallet's own position in the reward pool."""
    return pda.position(owner)
