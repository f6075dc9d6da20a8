/** Instructions of nodes. The authority owns the node. */

import type { Address, Instruction, ReadonlyUint8Array, TransactionSigner } from "@solana/kit";

import { findNodeAddress, findStakeAddress, findTokenAddress } from "../chain/addresses.js";
import type { FoundAccount } from "../chain/accounts.js";
import type { Job } from "../generated/jobs/accounts/job.js";
import { getEvictNodeInstructionAsync } from "../generated/jobs/instructions/evictNode.js";
import { getHeartbeatInstruction } from "../generated/jobs/instructions/heartbeat.js";
import { getLeaveInstructionAsync } from "../generated/jobs/instructions/leave.js";
import { getRegisterNodeInstructionAsync } from "../generated/jobs/instructions/registerNode.js";
import { getReleaseCollateralInstructionAsync } from "../generated/jobs/instructions/releaseCollateral.js";
import { getSetDrainingInstructionAsync } from "../generated/jobs/instructions/setDraining.js";
import { getSetEndpointInstructionAsync } from "../generated/jobs/instructions/setEndpoint.js";
import { getSetPayoutInstructionAsync } from "../generated/jobs/instructions/setPayout.js";
import { getStartInstructionAsync } from "../generated/jobs/instructions/start.js";
import { getUpdateHardwareInstructionAsync } from "../generated/jobs/instructions/updateHardware.js";
import { getWorkInstructionAsync } from "../generated/jobs/instructions/work.js";
import type { EndpointArgs } from "../generated/jobs/types/endpoint.js";
import type { HardwareArgs } from "../generated/jobs/types/hardware.js";

/** The token by which a node may work in a market that requires one of a collection. */
export interface AccessToken {
  accessToken: Address;
  accessMetadata: Address;
}

/** What a node accepts when it takes a job. */
export interface WorkLimits {
  /** Lowest price, in base units per second; any price unless it is set. */
  minPricePerSecond?: number | bigint | undefined;
  /** Most collateral, in base units; any amount unless it is set. */
  maxCollateral?: number | bigint | undefined;
}

/** What a heartbeat reports. */
export interface RunProgress {
  /** The digest of a checkpoint; the last one stays unless it is set. */
  checkpoint?: ReadonlyUint8Array | undefined;
  /** Progress, in basis points. */
  progressBps?: number | undefined;
}

const ANY_COLLATERAL = 2n ** 64n - 1n;
const NO_CHECKPOINT = new Uint8Array(32);

/** Registers the authority's node, which is paid to the authority's associated token account. */
export async function registerNode(
  authority: TransactionSigner,
  mint: Address,
  hardware: HardwareArgs,
): Promise<Instruction> {
  const payout = await findTokenAddress(authority.address, mint);
  return await getRegisterNodeInstructionAsync({ authority, payout, hardware });
}

/** Takes the first waiting job of a market, or waits for one. */
export async function takeWork(
  authority: TransactionSigner,
  market: Address,
  { minPricePerSecond = 0, maxCollateral = ANY_COLLATERAL }: WorkLimits = {},
  access: Partial<AccessToken> = {},
): Promise<Instruction> {
  return await getWorkInstructionAsync({
    authority,
    market,
    minPricePerSecond,
    maxCollateral,
    ...access,
  });
}

/**
 * Starts a job; fails if its definition has changed, or its timeout is shorter, since it was read.
 */
export async function startJob(
  authority: TransactionSigner,
  job: FoundAccount<Job>,
  access: Partial<AccessToken> = {},
): Promise<Instruction> {
  const { definition, timeoutSeconds } = job.data;
  const read = { definition, minTimeoutSeconds: timeoutSeconds };
  return await getStartInstructionAsync({ authority, job: job.address, ...read, ...access });
}

/** Proves that the authority's node still runs a job. */
export async function sendHeartbeat(
  authority: TransactionSigner,
  job: FoundAccount<Job>,
  { checkpoint = NO_CHECKPOINT, progressBps = 0 }: RunProgress = {},
): Promise<Instruction> {
  const node = await findNodeAddress(authority.address);
  const { attemptId } = job.data;
  return getHeartbeatInstruction({
    authority,
    node,
    job: job.address,
    attemptId,
    checkpoint,
    progressBps,
  });
}

/** Leaves `cell` of a market's queue. */
export async function leaveQueue(
  authority: TransactionSigner,
  market: Address,
  cell: number,
): Promise<Instruction> {
  return await getLeaveInstructionAsync({ authority, market, cell });
}

/** Removes the node of `nodeAuthority` from `cell` of a queue; fails if it may still wait there. */
export async function evictNode(
  nodeAuthority: Address,
  market: Address,
  cell: number,
): Promise<Instruction> {
  const node = await findNodeAddress(nodeAuthority);
  const stake = await findStakeAddress(nodeAuthority);
  return await getEvictNodeInstructionAsync({ node, market, stake, cell });
}

/**
 * Releases the collateral that the authority's node has kept and that no slot, result or seat uses.
 * Does nothing if there is none.
 */
export async function releaseCollateral(authority: TransactionSigner): Promise<Instruction> {
  return await getReleaseCollateralInstructionAsync({ authority });
}

/** Changes the hardware that the authority's node commits to. */
export async function updateHardware(
  authority: TransactionSigner,
  hardware: HardwareArgs,
): Promise<Instruction> {
  return await getUpdateHardwareInstructionAsync({ authority, hardware });
}

/** Stops the authority's node from taking new jobs, or lets it take them again. */
export async function setDraining(
  authority: TransactionSigner,
  draining: boolean,
): Promise<Instruction> {
  return await getSetDrainingInstructionAsync({ authority, draining });
}

/** Announces where clients can connect to the authority's node. */
export async function setEndpoint(
  authority: TransactionSigner,
  endpoint: EndpointArgs,
): Promise<Instruction> {
  return await getSetEndpointInstructionAsync({ authority, endpoint });
}

/** Changes the token account that is paid for jobs that the authority's node starts later. */
export async function setPayout(
  authority: TransactionSigner,
  payout: Address,
): Promise<Instruction> {
  return await getSetPayoutInstructionAsync({ authority, payout });
}
