/**
 * Addresses that follow from others. The seeds come from the IDL; integers in them are
 * little-endian.
 */

import { getAddressEncoder, getProgramDerivedAddress, type Address } from "@solana/kit";

import * as jobs from "../generated/jobs/pdas/index.js";
import * as rewards from "../generated/rewards/pdas/index.js";
import * as staking from "../generated/staking/pdas/index.js";

/** The SPL Token program, whose accounts hold NOS. */
export const TOKEN_PROGRAM = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA" as Address;
/** The Associated Token Account program. */
export const ASSOCIATED_TOKEN_PROGRAM = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL" as Address;
/** An address of zeros, which accounts hold where they name nobody. */
export const NO_ADDRESS = "11111111111111111111111111111111" as Address;

/** The job of a client with this nonce. */
export async function findJobAddress(client: Address, nonce: number | bigint): Promise<Address> {
  return (await jobs.findJobPda({ client, nonce }))[0];
}

/** The configuration of the jobs program. */
export async function findConfigAddress(): Promise<Address> {
  return (await jobs.findConfigPda())[0];
}

/** The market `id` of an authority. */
export async function findMarketAddress(authority: Address, id: number | bigint): Promise<Address> {
  return (await jobs.findMarketPda({ authority, id }))[0];
}

/** The queue of a market. */
export async function findQueueAddress(market: Address): Promise<Address> {
  return (await jobs.findQueuePda({ market }))[0];
}

/** The token account that holds the escrow of a market's jobs. */
export async function findMarketVaultAddress(market: Address): Promise<Address> {
  return (await jobs.findVaultPda({ market }))[0];
}

/** The node of an authority. */
export async function findNodeAddress(authority: Address): Promise<Address> {
  return (await jobs.findNodePda({ authority }))[0];
}

/** The stake of an owner. */
export async function findStakeAddress(owner: Address): Promise<Address> {
  return (await staking.findStakePda({ owner }))[0];
}

/** The delegation of a delegator to the stake of an owner. */
export async function findDelegationAddress(delegator: Address, owner: Address): Promise<Address> {
  return (await staking.findDelegationPda({ delegator, stake: await findStakeAddress(owner) }))[0];
}

/** The position of an owner in the reward pool. */
export async function findPositionAddress(owner: Address): Promise<Address> {
  return (await rewards.findPositionPda({ owner }))[0];
}

/** The position of all that is delegated to the stake of an owner. */
export async function findDelegatedPositionAddress(owner: Address): Promise<Address> {
  return (await rewards.findDelegatedPositionPda({ stake: await findStakeAddress(owner) }))[0];
}

/** The emission stream `id` of an owner. */
export async function findStreamAddress(owner: Address, id: number | bigint): Promise<Address> {
  return (await rewards.findStreamPda({ owner, id }))[0];
}

/** The associated token account of an owner. */
export async function findTokenAddress(owner: Address, mint: Address): Promise<Address> {
  const seeds = [owner, TOKEN_PROGRAM, mint].map((seed) => getAddressEncoder().encode(seed));
  return (await getProgramDerivedAddress({ programAddress: ASSOCIATED_TOKEN_PROGRAM, seeds }))[0];
}

/**
 * A nonce for a new job. Nonces need no order; two equal ones of a client make the second listing
 * fail.
 */
export function randomNonce(): bigint {
  const [nonce] = crypto.getRandomValues(new BigUint64Array(1));
  return nonce ?? 0n;
}
