/** Instructions of clients, with their accounts filled in. None of these uses the network. */

import type { Address, Instruction, ReadonlyUint8Array, TransactionSigner } from "@solana/kit";

import { findTokenAddress } from "../chain/addresses.js";
import type { FoundAccount } from "../chain/accounts.js";
import type { Job } from "../generated/jobs/accounts/job.js";
import { getAssignInstructionAsync } from "../generated/jobs/instructions/assign.js";
import { getCancelInstructionAsync } from "../generated/jobs/instructions/cancel.js";
import { getExtendInstructionAsync } from "../generated/jobs/instructions/extend.js";
import { getListInstructionAsync } from "../generated/jobs/instructions/list.js";
import { getTopUpInstructionAsync } from "../generated/jobs/instructions/topUp.js";
import { JobKind } from "../generated/jobs/types/jobKind.js";

/** The terms under which a client lists a job. */
export interface JobListing {
  /** Controls the job. */
  client: TransactionSigner;
  /** Pays deposit and rent, and gets the refund; the client unless it is set. */
  payer?: TransactionSigner | undefined;
  market: Address;
  /** The mint of NOS; see `Client.fetchMint`. */
  mint: Address;
  /** Distinguishes the jobs of one client; part of the job's address. */
  nonce: number | bigint;
  /** The digest of the definition. */
  definition: ReadonlyUint8Array;
  /** A batch delivers a result, a service runs for its whole time; a batch unless it is set. */
  kind?: JobKind | undefined;
  /** Longest paid time, in seconds. */
  timeoutSeconds: number | bigint;
  /** Highest accepted price, in base units per second. */
  maxPricePerSecond: number | bigint;
  /**
   * Whether the content is only for client, payer and node; not unless it is set. `nosana job` sends
   * it to the node: this client cannot.
   */
  isPrivate?: boolean | undefined;
}

/** Lists a job. The payer's associated token account pays the deposit and receives the refund. */
export async function listJob(listing: JobListing): Promise<Instruction> {
  return await getListInstructionAsync(await fillListing(listing));
}

/** Lists a job for the node that waits in `nodeCell` of the market's queue. */
export async function assignJob(
  listing: JobListing,
  node: Address,
  nodeCell: number,
): Promise<Instruction> {
  return await getAssignInstructionAsync({ ...(await fillListing(listing)), node, nodeCell });
}

/** Cancels a job that waits in `cell` of its queue, or that was matched. */
export async function cancelJob(
  client: TransactionSigner,
  job: FoundAccount<Job>,
  cell: number,
): Promise<Instruction> {
  const { market, payerToken } = job.data;
  return await getCancelInstructionAsync({ client, market, job: job.address, payerToken, cell });
}

/** Extends a job's timeout; its budget pays first, then the payer's associated token account. */
export async function extendJob(
  client: TransactionSigner,
  payer: TransactionSigner,
  job: FoundAccount<Job>,
  mint: Address,
  addedSeconds: number | bigint,
): Promise<Instruction> {
  const payerToken = await findTokenAddress(payer.address, mint);
  const { market } = job.data;
  return await getExtendInstructionAsync({
    client,
    payer,
    market,
    job: job.address,
    payerToken,
    addedSeconds,
  });
}

/** Adds base units to a job's budget from the authority's associated token account. */
export async function topUpJob(
  authority: TransactionSigner,
  job: FoundAccount<Job>,
  mint: Address,
  amount: number | bigint,
): Promise<Instruction> {
  const source = await findTokenAddress(authority.address, mint);
  return await getTopUpInstructionAsync({
    authority,
    market: job.data.market,
    job: job.address,
    source,
    amount,
  });
}

async function fillListing({ payer, mint, ...listing }: JobListing) {
  const paying = payer ?? listing.client;
  return {
    ...listing,
    kind: listing.kind ?? JobKind.Batch,
    isPrivate: listing.isPrivate ?? false,
    payer: paying,
    payerToken: await findTokenAddress(paying.address, mint),
  };
}
