/** Instructions of delegators, and of the owners of the stakes that they delegate to. */

import type { Address, Instruction, TransactionSigner } from "@solana/kit";

import { findDelegationAddress, findStakeAddress, findTokenAddress } from "../chain/addresses.js";
import { getEnterDelegatedInstructionAsync } from "../generated/rewards/instructions/enterDelegated.js";
import { getClaimCommissionInstructionAsync } from "../generated/staking/instructions/claimCommission.js";
import { getClaimDelegatedInstructionAsync } from "../generated/staking/instructions/claimDelegated.js";
import { getCloseDelegationInstructionAsync } from "../generated/staking/instructions/closeDelegation.js";
import { getDelegateInstructionAsync } from "../generated/staking/instructions/delegate.js";
import { getOpenDelegationInstructionAsync } from "../generated/staking/instructions/openDelegation.js";
import { getSetDelegationInstructionAsync } from "../generated/staking/instructions/setDelegation.js";
import { getUndelegateInstructionAsync } from "../generated/staking/instructions/undelegate.js";
import { getWithdrawDelegatedInstructionAsync } from "../generated/staking/instructions/withdrawDelegated.js";

/**
 * The terms that a delegator accepts. The owner of the stake may change them, so they are checked
 * when tokens move.
 */
export interface DelegationLimits {
  maxCommissionBps: number;
  maxDurationSeconds: number | bigint;
}

/** Opens the position of all delegations to the owner's stake; `payer` pays its rent. */
export async function enterDelegated(
  payer: TransactionSigner,
  owner: Address,
): Promise<Instruction> {
  return await getEnterDelegatedInstructionAsync({ payer, stake: await findStakeAddress(owner) });
}

/**
 * Sets whether the owner's stake accepts delegations, and at which commission. Requires {@link
 * enterDelegated} once.
 */
export async function setDelegation(
  owner: TransactionSigner,
  accepting: boolean,
  commissionBps: number,
): Promise<Instruction> {
  return await getSetDelegationInstructionAsync({ owner, accepting, commissionBps });
}

/** Opens an empty delegation to the stake of `owner`. */
export async function openDelegation(
  delegator: TransactionSigner,
  owner: Address,
): Promise<Instruction> {
  return await getOpenDelegationInstructionAsync({
    delegator,
    stake: await findStakeAddress(owner),
  });
}

/** Delegates base units from the delegator's associated token account. */
export async function delegateStake(
  delegator: TransactionSigner,
  owner: Address,
  mint: Address,
  amount: number | bigint,
  limits: DelegationLimits,
): Promise<Instruction> {
  const stake = await findStakeAddress(owner);
  const source = await findTokenAddress(delegator.address, mint);
  return await getDelegateInstructionAsync({ delegator, stake, source, amount, ...limits });
}

/** Starts the cooldown of a delegation; the authority is the delegator or the owner. */
export async function undelegateStake(
  authority: TransactionSigner,
  delegator: Address,
  owner: Address,
): Promise<Instruction> {
  return await getUndelegateInstructionAsync({
    authority,
    ...(await fillDelegation(delegator, owner)),
  });
}

/** Pays the amount that the cooldown has released into the delegator's associated token account. */
export async function withdrawDelegated(
  authority: TransactionSigner,
  delegator: Address,
  owner: Address,
  mint: Address,
): Promise<Instruction> {
  const destination = await findTokenAddress(delegator, mint);
  const accounts = await fillDelegation(delegator, owner);
  return await getWithdrawDelegatedInstructionAsync({ authority, destination, ...accounts });
}

/**
 * Pays the earnings of a delegation, less commission, into the delegator's associated token
 * account.
 */
export async function claimDelegated(
  delegator: Address,
  owner: Address,
  mint: Address,
): Promise<Instruction> {
  const destination = await findTokenAddress(delegator, mint);
  return await getClaimDelegatedInstructionAsync({
    destination,
    ...(await fillDelegation(delegator, owner)),
  });
}

/** Pays the owner's commission into the owner's associated token account. */
export async function claimCommission(
  owner: TransactionSigner,
  mint: Address,
): Promise<Instruction> {
  const destination = await findTokenAddress(owner.address, mint);
  return await getClaimCommissionInstructionAsync({ owner, destination });
}

/** Closes an empty delegation; the authority is the delegator or the owner. */
export async function closeDelegation(
  authority: TransactionSigner,
  delegator: Address,
  owner: Address,
): Promise<Instruction> {
  const stake = await findStakeAddress(owner);
  return await getCloseDelegationInstructionAsync({ authority, delegator, stake });
}

async function fillDelegation(delegator: Address, owner: Address) {
  const stake = await findStakeAddress(owner);
  return { stake, delegation: await findDelegationAddress(delegator, owner) };
}
