/**
 * Instructions that end, settle and close jobs. `nodeAuthority` owns the node that holds the job.
 */

import type { Address, Instruction, ReadonlyUint8Array, TransactionSigner } from "@solana/kit";

import {
  findNodeAddress,
  findPositionAddress,
  findStakeAddress,
  findTokenAddress,
  NO_ADDRESS,
} from "../chain/addresses.js";
import type { FoundAccount } from "../chain/accounts.js";
import type { Job } from "../generated/jobs/accounts/job.js";
import { getAcceptInstructionAsync } from "../generated/jobs/instructions/accept.js";
import { getCleanInstruction } from "../generated/jobs/instructions/clean.js";
import { getCollectInstructionAsync } from "../generated/jobs/instructions/collect.js";
import { getExpireMatchInstructionAsync } from "../generated/jobs/instructions/expireMatch.js";
import { getExpireQueuedInstructionAsync } from "../generated/jobs/instructions/expireQueued.js";
import { getExpireRunInstructionAsync } from "../generated/jobs/instructions/expireRun.js";
import { getFinishInstructionAsync } from "../generated/jobs/instructions/finish.js";
import { getQuitInstructionAsync } from "../generated/jobs/instructions/quit.js";
import { getRejectInstructionAsync } from "../generated/jobs/instructions/reject.js";
import { getSettleInstructionAsync } from "../generated/jobs/instructions/settle.js";
import { getStopInstructionAsync } from "../generated/jobs/instructions/stop.js";
import type { ReturnCause } from "../generated/jobs/types/returnCause.js";

/** Who acts on which job, and who owns its node. */
export interface Ending {
  authority: TransactionSigner;
  job: FoundAccount<Job>;
  nodeAuthority: Address;
}

/** The trace of a job that is not verified. */
const NO_TRACE: ReadonlyUint8Array = new Uint8Array(32);

/** The detail of a return about which the node says nothing. */
const NO_DETAIL: ReadonlyUint8Array = new Uint8Array(32);

/**
 * Submits the digest of a result. `trace` is the commitment to the trace of a verified job, and
 * zeros for others.
 */
export async function finishJob(
  ending: Ending,
  result: ReadonlyUint8Array,
  trace: ReadonlyUint8Array = NO_TRACE,
): Promise<Instruction> {
  return await getFinishInstructionAsync({ ...(await fillEnding(ending)), result, trace });
}

/**
 * Gives a job back to the queue. `detail` is the digest of the node's words about the cause, and
 * zeros if there are none.
 */
export async function quitJob(
  ending: Ending,
  cause: ReturnCause,
  detail: ReadonlyUint8Array = NO_DETAIL,
): Promise<Instruction> {
  return await getQuitInstructionAsync({ ...(await fillEnding(ending)), cause, detail });
}

/** Stops a job that a node took or runs. */
export async function stopJob(ending: Ending): Promise<Instruction> {
  return await getStopInstructionAsync(await fillEnding(ending));
}

/** Accepts a result before its challenge window is over. */
export async function acceptResult(ending: Ending): Promise<Instruction> {
  return await getAcceptInstructionAsync(await fillEnding(ending));
}

/**
 * Rejects a result before its challenge window is over: the node's pay goes to the network. With
 * `requeue` the client pays that on top, and the job returns to the queue.
 */
export async function rejectResult(ending: Ending, requeue: boolean): Promise<Instruction> {
  return await getRejectInstructionAsync({ ...(await fillEnding(ending)), requeue });
}

/** Settles a result after its challenge window. */
export async function settleJob(ending: Ending): Promise<Instruction> {
  return await getSettleInstructionAsync(await fillEnding(ending));
}

/** Ends a run whose clock has run out. */
export async function expireRun(ending: Ending): Promise<Instruction> {
  const stake = await findStakeAddress(ending.nodeAuthority);
  return await getExpireRunInstructionAsync({ ...(await fillEnding(ending)), stake });
}

/**
 * Undoes a match whose node did not start in time. The caller receives a share of the penalty; the
 * rest is burnt.
 */
export async function expireMatch(ending: Ending, mint: Address): Promise<Instruction> {
  const { market, job, node, payerToken } = await fillEnding(ending);
  const stake = await findStakeAddress(ending.nodeAuthority);
  const position = await findPositionAddress(ending.nodeAuthority);
  const reporterToken = await findTokenAddress(ending.authority.address, mint);

  return await getExpireMatchInstructionAsync({
    market,
    job,
    node,
    payerToken,
    stake,
    nosMint: mint,
    position,
    reporterToken,
  });
}

/** Refunds the deposit of a job that has waited too long in `cell`. */
export async function expireQueued(job: FoundAccount<Job>, cell: number): Promise<Instruction> {
  const { market, payerToken } = job.data;
  return await getExpireQueuedInstructionAsync({ market, job: job.address, payerToken, cell });
}

/** Pays the credit that a job owes to the authority into its associated token account. */
export async function collectCredit(
  authority: TransactionSigner,
  job: FoundAccount<Job>,
  mint: Address,
): Promise<Instruction> {
  const destination = await findTokenAddress(authority.address, mint);
  const { market, node } = job.data;
  const owed = { authority, market, job: job.address, destination };
  return await getCollectInstructionAsync(node === NO_ADDRESS ? owed : { ...owed, node });
}

/** Closes a settled job after its retention, and refunds its rent. */
export async function cleanJob(job: FoundAccount<Job>): Promise<Instruction> {
  return getCleanInstruction({ job: job.address, payer: job.data.payer });
}

async function fillEnding({ authority, job, nodeAuthority }: Ending) {
  const { market, payerToken, nodeToken, attemptId } = job.data;

  return {
    authority,
    market,
    job: job.address,
    node: await findNodeAddress(nodeAuthority),
    payerToken,
    // A job that has not started pays no node, but the instruction requires a writable account.
    nodeToken: nodeToken === NO_ADDRESS ? payerToken : nodeToken,
    attemptId,
  };
}
