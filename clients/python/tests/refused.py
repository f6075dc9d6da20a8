"""Transactions of stakers that the programs refuse, each with the error that they report.

All are refused in the simulation, so none changes anything: the instructions before the last one
only prepare what the last one requires.
"""

from __future__ import annotations

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from nosana import associated_address, pda
from nosana.actions import stakers
from nosana.errors import ProgramError
from nosana.rewards import errors as rewards_errors
from nosana.rewards import instructions as rewards
from nosana.staking import errors as staking_errors
from nosana.staking import instructions as staking

Refused = tuple[type[ProgramError], list[Instruction]]

NOS = 1_000_000
MONTH = 30 * 86_400
YEAR = 365 * 86_400
STREAM = 7


def staker_cases(owner: Pubkey, other: Pubkey, mint: Pubkey) -> list[Refused]:
    """What an owner without a stake is refused; `other` has a stake."""
    opened = stakers.open_stake(owner, mint, 100 * NOS, MONTH)
    unstaked = stakers.unstake(owner)
    stake, position = pda.stake(other), pda.position(other)
    foreign = staking.extend(owner=owner, duration_seconds=YEAR, stake=stake, position=position)
    misplaced = staking.extend(owner=owner, duration_seconds=YEAR, position=position)
    return [
        (staking_errors.AmountTooSmall, [stakers.open_stake(owner, mint, 1, MONTH)]),
        (staking_errors.DurationOutOfRange, [stakers.open_stake(owner, mint, NOS, YEAR + 1)]),
        (staking_errors.DurationOutOfRange, [opened, stakers.extend_stake(owner, YEAR + 1)]),
        (staking_errors.NotLonger, [opened, stakers.extend_stake(owner, MONTH)]),
        (staking_errors.NotUnstaked, [opened, stakers.restake(owner)]),
        (staking_errors.AlreadyUnstaked, [opened, unstaked, unstaked]),
        (staking_errors.NothingToWithdraw, [opened, unstaked, stakers.withdraw(owner, mint)]),
        (staking_errors.StakeNotEmpty, [opened, unstaked, stakers.close_stake(owner)]),
        (staking_errors.NoPosition, [opened, stakers.compound(owner)]),
        (staking_errors.NotOwner, [foreign]),
        (staking_errors.WrongAccount, [opened, misplaced]),
        (staking_errors.NotAccepting, [stakers.open_delegation(owner, stake)]),
        (rewards_errors.NoWeight, [opened, unstaked, stakers.enter(owner)]),
    ]


def delegation_cases(owner: Pubkey, other: Pubkey, mint: Pubkey) -> list[Refused]:
    """What the owner of a stake is refused, who delegates to it; `other` has a token account."""
    stake = pda.stake(owner)
    delegation = pda.delegation(stake, owner)
    opened = [
        rewards.enter_delegated(payer=owner, stake=stake),
        staking.set_delegation(owner=owner, accepting=True, commission_bps=500),
        stakers.open_delegation(owner, stake),
    ]

    def delegate(amount: int, commission_bps: int, duration_seconds: int) -> Instruction:
        return stakers.delegate(
            owner,
            stake,
            mint,
            amount,
            max_commission_bps=commission_bps,
            max_duration_seconds=duration_seconds,
        )

    filled = [*opened, delegate(100 * NOS, 500, YEAR)]
    undelegate = staking.undelegate(authority=owner, delegation=delegation, stake=stake)
    withdraw = staking.withdraw_delegated(
        authority=owner,
        delegation=delegation,
        stake=stake,
        delegation_delegator=owner,
        config_nos_mint=mint,
    )
    claim = staking.claim_delegated(
        delegation=delegation, stake=stake, destination=associated_address(other, mint)
    )
    close = staking.close_delegation(authority=owner, delegator=owner, stake=stake)
    commission = staking.claim_commission(owner=owner, config_nos_mint=mint)
    excessive = staking.set_delegation(owner=owner, accepting=False, commission_bps=10_001)
    return [
        (staking_errors.CommissionOutOfRange, [excessive]),
        (staking_errors.NoPosition, [opened[1]]),
        (staking_errors.NothingToClaim, [commission]),
        (staking_errors.AmountTooSmall, [*opened, delegate(1, 500, YEAR)]),
        (staking_errors.CommissionTooHigh, [*opened, delegate(100 * NOS, 499, YEAR)]),
        (staking_errors.CooldownTooLong, [*opened, delegate(100 * NOS, 500, MONTH)]),
        (staking_errors.NotDelegatorsAccount, [*opened, claim]),
        (staking_errors.NotUndelegated, [*filled, withdraw]),
        (staking_errors.DelegationNotEmpty, [*filled, close]),
        (staking_errors.AlreadyUndelegated, [*filled, undelegate, undelegate]),
    ]


def reward_cases(owner: Pubkey, other: Pubkey, mint: Pubkey, now: int) -> list[Refused]:
    """What an owner is refused by the reward pool; `other` has a stake and a position."""
    later = now + 86_400
    stream = pda.stream(owner, STREAM)

    def open_stream(amount: int, end: int) -> Instruction:
        return rewards.open_stream(
            owner=owner,
            id=STREAM,
            amount=amount,
            start=later,
            end=end,
            cancellable=False,
            pool_nos_mint=mint,
        )

    opened = open_stream(NOS, later + 60)
    drip = rewards.drip(stream=stream)
    close = rewards.close_stream(authority=owner, owner=owner, stream=stream, pool_nos_mint=mint)
    claim = rewards.claim(
        owner=owner, position=pda.position(other), stake=pda.stake(other), pool_nos_mint=mint
    )
    fund = rewards.fund(
        authority=owner, amount=1, vault=associated_address(other, mint), pool_nos_mint=mint
    )
    return [
        (rewards_errors.NotOwner, [claim]),
        (rewards_errors.WrongStake, [rewards.sync(position=pda.position(other), stake=owner)]),
        (rewards_errors.WrongAccount, [fund]),
        (rewards_errors.NothingArrived, [rewards.count_income()]),
        (rewards_errors.ZeroAmount, [open_stream(0, later + 60)]),
        (rewards_errors.StreamOutOfRange, [open_stream(NOS, later)]),
        (rewards_errors.NothingDue, [opened, drip]),
        (rewards_errors.NotCancellable, [opened, close]),
    ]


def authority_cases(stranger: Pubkey) -> list[Refused]:
    """What only an admin, a guardian or the proposed admin may do."""
    return [
        (staking_errors.NotAdmin, [staking.set_guardian(admin=stranger, guardian=stranger)]),
        (staking_errors.NotGuardian, [staking.set_paused(guardian=stranger, paused=True)]),
        (staking_errors.NotProposed, [staking.accept_admin(pending_admin=stranger)]),
        (staking_errors.NothingAnnounced, [staking.apply_policy()]),
        (rewards_errors.NotAdmin, [rewards.propose_admin(admin=stranger, next_admin=stranger)]),
        (rewards_errors.NotGuardian, [rewards.set_paused(guardian=stranger, paused=True)]),
        (rewards_errors.NotProposed, [rewards.accept_admin(pending_admin=stranger)]),
    ]


def admin_cases(admin: Pubkey) -> list[Refused]:
    """What even the admin may not do."""
    generous = staking.propose_policy(admin=admin, min_stake=NOS, reporter_bps=5_001)
    return [(staking_errors.PolicyOutOfRange, [generous])]
