"""Addresses of the programs' accounts."""

from __future__ import annotations

from solders.pubkey import Pubkey

from nosana import jobs, rewards, staking
from nosana.addresses import derive
from nosana.codec import U64


def jobs_config() -> Pubkey:
    """The configuration of the jobs program."""
    return derive(jobs.PROGRAM_ID, b"config")


def market(creator: Pubkey, number: int) -> Pubkey:
    """A market, by its creator and its number."""
    return derive(jobs.PROGRAM_ID, b"market", creator, U64.write(number))


def queue(market: Pubkey) -> Pubkey:
    """The queue of a market."""
    return derive(jobs.PROGRAM_ID, b"queue", market)


def market_vault(market: Pubkey) -> Pubkey:
    """The token account of a market."""
    return derive(jobs.PROGRAM_ID, b"vault", market)


def job(client: Pubkey, nonce: int) -> Pubkey:
    """A job, by its client and its nonce."""
    return derive(jobs.PROGRAM_ID, b"job", client, U64.write(nonce))


def node(authority: Pubkey) -> Pubkey:
    """The node of a wallet."""
    return derive(jobs.PROGRAM_ID, b"node", authority)


def staking_config() -> Pubkey:
    """The configuration of the staking program."""
    return derive(staking.PROGRAM_ID, b"config")


def stake(owner: Pubkey) -> Pubkey:
    """The stake of a wallet."""
    return derive(staking.PROGRAM_ID, b"stake", owner)


def delegation(stake: Pubkey, delegator: Pubkey) -> Pubkey:
    """A wallet's delegation to a stake."""
    return derive(staking.PROGRAM_ID, b"delegation", stake, delegator)


def pool() -> Pubkey:
    """The reward pool."""
    return derive(rewards.PROGRAM_ID, b"pool")


def position(owner: Pubkey) -> Pubkey:
    """The position of a wallet in the reward pool, or that of what is delegated to a stake."""
    return derive(rewards.PROGRAM_ID, b"position", owner)


def stream(owner: Pubkey, number: int) -> Pubkey:
    """An emission stream, by its owner and its number."""
    return derive(rewards.PROGRAM_ID, b"stream", owner, U64.write(number))
