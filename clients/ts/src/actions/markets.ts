/** Instructions of market authorities, and of the network's admin and guardian. */

import type { Address, Instruction, TransactionSigner } from "@solana/kit";

import { findTokenAddress } from "../chain/addresses.js";
import { getApplyTermsInstructionAsync } from "../generated/jobs/instructions/applyTerms.js";
import { getCloseMarketInstructionAsync } from "../generated/jobs/instructions/closeMarket.js";
import { getOpenMarketInstructionAsync } from "../generated/jobs/instructions/openMarket.js";
import { getProposeTermsInstructionAsync } from "../generated/jobs/instructions/proposeTerms.js";
import { getRetireMarketInstruction } from "../generated/jobs/instructions/retireMarket.js";
import { getSetPausedInstructionAsync } from "../generated/jobs/instructions/setPaused.js";
import { getSweepFeesInstructionAsync } from "../generated/jobs/instructions/sweepFees.js";
import type { MarketTermsArgs } from "../generated/jobs/types/marketTerms.js";
import { getCountIncomeInstructionAsync } from "../generated/rewards/instructions/countIncome.js";

/** A market to open. */
export interface MarketPlan {
  /** Distinguishes the markets of one authority; part of the market's address. */
  id: number | bigint;
  /** How long changes of the terms are announced before they apply, in seconds. */
  noticeSeconds: number;
  terms: MarketTermsArgs;
}

/** Opens a market. The authority's associated token account pays the deposit. */
export async function openMarket(
  authority: TransactionSigner,
  mint: Address,
  plan: MarketPlan,
): Promise<Instruction> {
  const source = await findTokenAddress(authority.address, mint);
  return await getOpenMarketInstructionAsync({ authority, nosMint: mint, source, ...plan });
}

/** Announces other terms. */
export async function proposeTerms(
  authority: TransactionSigner,
  market: Address,
  terms: MarketTermsArgs,
): Promise<Instruction> {
  return await getProposeTermsInstructionAsync({ authority, market, terms });
}

/** Applies the announced terms after their notice; anyone may. */
export async function applyTerms(market: Address): Promise<Instruction> {
  return await getApplyTermsInstructionAsync({ market });
}

/** Retires a market: it accepts no new jobs and no new nodes. */
export async function retireMarket(
  authority: TransactionSigner,
  market: Address,
): Promise<Instruction> {
  return getRetireMarketInstruction({ authority, market });
}

/** Closes an empty, retired market, and returns the deposit. */
export async function closeMarket(
  authority: TransactionSigner,
  mint: Address,
  market: Address,
): Promise<Instruction> {
  const destination = await findTokenAddress(authority.address, mint);
  return await getCloseMarketInstructionAsync({ authority, market, destination });
}

/**
 * Sends a market's fees to the reward pool's vault, where {@link countIncome} makes income of them;
 * anyone may.
 */
export async function sweepFees(market: Address): Promise<Instruction> {
  return await getSweepFeesInstructionAsync({ market });
}

/** Makes income of what has arrived in the reward pool's vault; anyone may. */
export async function countIncome(): Promise<Instruction> {
  return await getCountIncomeInstructionAsync({});
}

/** Pauses or resumes entry to the jobs program; the guardian or the admin may. */
export async function setPaused(
  guardian: TransactionSigner,
  paused: boolean,
): Promise<Instruction> {
  return await getSetPausedInstructionAsync({ guardian, paused });
}
