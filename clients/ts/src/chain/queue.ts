/** The queue of a market: the jobs or the nodes that wait, in their order. */

import type { Address } from "@solana/kit";

import { QUEUE_HEADER_ACCOUNT } from "../generated/jobs/accountKinds.js";
import type { QueueHeader } from "../generated/jobs/accounts/queueHeader.js";
import { fetchAccount } from "./accounts.js";
import { findQueueAddress } from "./addresses.js";
import type { Connection } from "./connection.js";

/** A job or a node that waits. */
export interface WaitingEntry {
  /** Index of the cell, which instructions require as a hint. */
  cell: number;
  /** The account of the job or the node. */
  address: Address;
  /**
   * The price that the job pays, or the lowest one that the node accepts, in base units per second.
   */
  pricePerSecond: bigint;
}

/** A market's queue. */
export interface MarketQueue {
  address: Address;
  header: QueueHeader;
  /** What waits; `header.side` says whether it is jobs or nodes. */
  waiting: WaitingEntry[];
}

/** Reads the queue of a market. */
export async function fetchQueue(connection: Connection, market: Address): Promise<MarketQueue> {
  const address = await findQueueAddress(market);
  const { data } = await fetchAccount(connection, QUEUE_HEADER_ACCOUNT, address);

  return { address, header: data, waiting: orderEntries(data) };
}

/** Follows the links between the cells. A link is the index of a cell plus one; zero is the end. */
export function orderEntries(header: QueueHeader): WaitingEntry[] {
  const waiting: WaitingEntry[] = [];

  let link = header.first;
  while (link !== 0 && waiting.length < header.live) {
    const cell = link - 1;
    const entry = header.cells[cell];
    if (!entry)
      throw new Error(`the queue of ${header.market} is inconsistent: it has no cell ${cell}`);

    waiting.push({ cell, address: entry.address, pricePerSecond: entry.pricePerSecond });
    link = entry.next;
  }

  if (link !== 0 || waiting.length !== header.live) {
    throw new Error(
      `the queue of ${header.market} is inconsistent: its links do not end after ${header.live} entries`,
    );
  }
  return waiting;
}

/** Returns the index of the cell in which an account waits; undefined if it does not wait there. */
export function findCell(queue: MarketQueue, address: Address): number | undefined {
  return queue.waiting.find((entry) => entry.address === address)?.cell;
}
