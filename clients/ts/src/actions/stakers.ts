/** Instructions of stakers. The owner's associated token account pays and is paid. */

import type { Address, Instruction, TransactionSigner } from "@solana/kit";

import { findPositionAddress, findStakeAddress, findTokenAddress } from "../chain/addresses.js";
import { getClaimInstructionAsync } from "../generated/rewards/instructions/claim.js";
import { getEnterInstructionAsync } from "../generated/rewards/instructions/enter.js";
import { getExitInstructionAsync } from "../generated/rewards/instructions/exit.js";
import { getHarvestInstructionAsync } from "../generated/rewards/instructions/harvest.js";
import { getSyncInstruction } from "../generated/rewards/instructions/sync.js";
import { getCloseInstructionAsync } from "../generated/staking/instructions/close.js";
import { getCompoundInstructionAsync } from "../generated/staking/instructions/compound.js";
import { getExtendInstructionAsync } from "../generated/staking/instructions/extend.js";
import { getOpenStakeInstructionAsync } from "../generated/staking/instructions/openStake.js";
import { getRestakeInstructionAsync } from "../generated/staking/instructions/restake.js";
import { getTopUpInstructionAsync } from "../generated/staking/instructions/topUp.js";
import { getUnstakeInstructionAsync } from "../generated/staking/instructions/unstake.js";
import { getWithdrawInstructionAsync } from "../generated/staking/instructions/withdraw.js";

/** Opens the owner's stake. */
export async function openStake(
  owner: TransactionSigner,
  mint: Address,
  amount: number | bigint,
  durationSeconds: number | bigint,
): Promise<Instruction> {
  const source = await findTokenAddress(owner.address, mint);
  return await getOpenStakeInstructionAsync({ owner, source, amount, durationSeconds });
}

/** Adds base units to the owner's stake. */
export async function topUpStake(
  owner: TransactionSigner,
  mint: Address,
  amount: number | bigint,
): Promise<Instruction> {
  const source = await findTokenAddress(owner.address, mint);
  return await getTopUpInstructionAsync({ owner, source, amount });
}

/** Extends the cooldown of the owner's stake to this duration. */
export async function extendStake(
  owner: TransactionSigner,
  durationSeconds: number | bigint,
): Promise<Instruction> {
  return await getExtendInstructionAsync({ owner, durationSeconds });
}

/** Starts the cooldown of the owner's stake. */
export async function unstake(owner: TransactionSigner): Promise<Instruction> {
  return await getUnstakeInstructionAsync({ owner });
}

/** Ends the cooldown, and stakes what remains again. */
export async function restake(owner: TransactionSigner): Promise<Instruction> {
  return await getRestakeInstructionAsync({ owner });
}

/** Pays the amount that the cooldown has released. */
export async function withdrawStake(owner: TransactionSigner, mint: Address): Promise<Instruction> {
  const destination = await findTokenAddress(owner.address, mint);
  return await getWithdrawInstructionAsync({ owner, destination });
}

/** Closes an empty stake, and refunds its rent. */
export async function closeStake(owner: TransactionSigner): Promise<Instruction> {
  return await getCloseInstructionAsync({ owner });
}

/** Opens a position in the reward pool with the weight of the owner's stake. */
export async function enterPool(owner: TransactionSigner): Promise<Instruction> {
  return await getEnterInstructionAsync({ owner });
}

/** Settles a position and sets it to the current weight of its stake. */
export async function syncPosition(owner: Address): Promise<Instruction> {
  return getSyncInstruction({
    position: await findPositionAddress(owner),
    stake: await findStakeAddress(owner),
  });
}

/** Pays the earnings of the owner's position. */
export async function claimRewards(owner: TransactionSigner, mint: Address): Promise<Instruction> {
  return await getClaimInstructionAsync(await fillPosition(owner, mint));
}

/** Settles the owner's position, sets it to the current weight, and pays its earnings. */
export async function harvestRewards(
  owner: TransactionSigner,
  mint: Address,
): Promise<Instruction> {
  return await getHarvestInstructionAsync(await fillPosition(owner, mint));
}

/** Pays the earnings of the owner's position, and closes it. */
export async function exitPool(owner: TransactionSigner, mint: Address): Promise<Instruction> {
  return await getExitInstructionAsync(await fillPosition(owner, mint));
}

/** Adds the earnings of the owner's position to the owner's stake. */
export async function compoundRewards(owner: TransactionSigner): Promise<Instruction> {
  return await getCompoundInstructionAsync({ owner });
}

async function fillPosition(owner: TransactionSigner, mint: Address) {
  const stake = await findStakeAddress(owner.address);
  return { owner, stake, destination: await findTokenAddress(owner.address, mint) };
}
