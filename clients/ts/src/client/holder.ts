/** The node that holds a job. */

import type { Address } from "@solana/kit";

import { NO_ADDRESS } from "../chain/addresses.js";
import { fetchAccount, listAccounts, type FoundAccount } from "../chain/accounts.js";
import type { Connection } from "../chain/connection.js";
import { NODE_ACCOUNT } from "../generated/jobs/accountKinds.js";
import type { Node } from "../generated/jobs/accounts/node.js";
import type { Job } from "../generated/jobs/accounts/job.js";
import { JobState } from "../generated/jobs/types/jobState.js";

/**
 * Returns the node that holds a job; undefined if the job waits in the queue, or is settled without
 * a node.
 *
 * A job that a node took from the queue does not name the node before the start: only the node's
 * slot names the job. So this may list the accounts of all nodes.
 */
export async function findHolder(
  connection: Connection,
  { address, data }: FoundAccount<Job>,
): Promise<FoundAccount<Node> | undefined> {
  if (data.node !== NO_ADDRESS) {
    return await fetchAccount(connection, NODE_ACCOUNT, data.node);
  }
  if (data.state !== JobState.Queued) return undefined;

  const nodes = await listAccounts(connection, NODE_ACCOUNT);
  return nodes.find((node) => node.data.slots.some((slot) => slot.job === address));
}

/** Returns the authority of the node that holds a job; fails if none does. */
export async function findNodeAuthority(
  connection: Connection,
  job: FoundAccount<Job>,
): Promise<Address> {
  const holder = await findHolder(connection, job);
  if (!holder)
    throw new Error(
      `no node holds the job ${job.address}: its state is ${JobState[job.data.state]}`,
    );
  return holder.data.authority;
}
