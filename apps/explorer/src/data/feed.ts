/** The events of the programs, as they happen. */

import { signal } from "@preact/signals";
import {
  findPositionAddress,
  findStakeAddress,
  monitorTransactions,
  type NosanaEvent,
} from "@nosana-programs/client";
import { findDelegationPda } from "@nosana-programs/client/staking";
import type { Address, Signature } from "@solana/kit";

import { now } from "./chainClock.ts";
import { listTransactions, readTransactions, type PastTransaction } from "./history.ts";
import { applyChanges, PROGRAMS } from "./ledger.ts";
import { connection } from "./network.ts";

/** An event, and the transaction that emitted it. */
export interface FeedEntry {
  key: string;
  signature: Signature;
  slot: bigint;
  /** Unix time of the block; of what happens now, the chain's clock. */
  at: bigint;
  event: NosanaEvent;
}

/** The latest events, the newest first. */
export const feed = signal<readonly FeedEntry[]>([]);

const KEPT_EVENTS = 500;
/** Transactions of the past that fill the list at the start. */
const PAST_TRANSACTIONS = 24;
const RETRY_MS = 3_000;

/** Follows the events until the signal is aborted. */
export async function keepFeed(signal: AbortSignal): Promise<void> {
  await Promise.all(PROGRAMS.map((program) => followProgram(program, signal)));
}

async function followProgram(program: Address, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const live = monitorTransactions(connection(), program, signal);
      void loadPast(program, signal);
      for await (const { signature, slot, events } of live) {
        addEvents({ signature, slot, at: now.value, events });
        await forgetClosed(events);
      }
    } catch {
      // The status of the ledger shows the failure; here it is only tried again.
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

async function loadPast(program: Address, signal: AbortSignal): Promise<void> {
  try {
    const listed = await listTransactions(program, PAST_TRANSACTIONS);
    const succeeded = listed.filter(({ hasFailed }) => !hasFailed);
    await readTransactions(succeeded, (read) => read.forEach((each) => addEvents(each)), signal);
  } catch {
    // Nodes may keep no history: the list begins with what happens from now on.
  }
}

type Emitted = Pick<PastTransaction, "signature" | "slot" | "at" | "events">;

/** Adds the events of a transaction, once: it may name more than one program. */
function addEvents({ signature, slot, at = 0n, events }: Emitted): void {
  if (events.length === 0 || feed.value.some((entry) => entry.signature === signature)) return;

  const entries = events.map((event, index) => {
    return { key: `${signature}-${index}`, signature, slot, at, event };
  });
  const all = [...entries.reverse(), ...feed.value];
  // The slot decides between what happened in the same second.
  all.sort((one, other) => Number(other.at - one.at) || Number(other.slot - one.slot));
  feed.value = all.slice(0, KEPT_EVENTS);
}

/** Nodes send no notice of an account that was closed: its event is the notice. */
async function forgetClosed(events: readonly NosanaEvent[]): Promise<void> {
  const closed = (await Promise.all(events.map(closedAccount))).filter(
    (each) => each !== undefined,
  );
  if (closed.length === 0) return;
  applyChanges(closed.map((address) => ({ address, program: address, data: undefined })));
}

async function closedAccount(event: NosanaEvent): Promise<Address | undefined> {
  switch (event.name) {
    case "JobClosed":
      return event.data.job;
    case "MarketClosed":
      return event.data.market;
    case "DisputeClosed":
      return event.data.dispute;
    case "StreamClosed":
      return event.data.stream;
    case "StakeClosed":
      return await findStakeAddress(event.data.owner);
    case "Exited":
      return await findPositionAddress(event.data.owner);
    case "DelegationClosed":
      return (await findDelegationPda(event.data))[0];
    default:
      return undefined;
  }
}
