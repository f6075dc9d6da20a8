/** The history of an address, for a page that is open. */

import { useEffect, useState } from "preact/hooks";
import type { Address, Signature } from "@solana/kit";

import { feed } from "./feed.ts";
import {
  listTransactions,
  readTransactions,
  type ListedTransaction,
  type PastTransaction,
} from "./history.ts";

export interface AddressHistory {
  /** The transactions that were read, the newest first. */
  transactions: readonly PastTransaction[];
  /** How many are listed; those not read yet are missing above. */
  listed: number;
  state: "reading" | "complete" | "failed";
  why: string;
}

/** Transactions that are read from each end; those between are heartbeats, or many attempts. */
const READ_PER_END = 32;
const LIST_LIMIT = 1_000;
/** A node needs a moment until it lists what it has just reported. */
const RELIST_MS = 600;
const MAX_LISTINGS = 5;

/** Reads the history of an address, and again after each event that names it. */
export function useHistory(address: Address): AddressHistory {
  const [history, setHistory] = useState<AddressHistory>(NOTHING);
  const latest = feed.value.find(({ event }) => Object.values(event.data).includes(address));

  useEffect(() => {
    const ended = new AbortController();
    const known = new Map(history.transactions.map((each) => [each.signature, each]));

    const read = async () => {
      const listed = await listWith(address, latest?.signature);
      const wanted = chooseEnds(listed).filter(({ signature }) => !known.has(signature));
      const show = (state: AddressHistory["state"]) =>
        setHistory({
          transactions: inOrder(listed, known),
          listed: listed.length,
          state,
          why: "",
        });

      await readTransactions(
        wanted,
        (some) => {
          for (const each of some) known.set(each.signature, each);
          show("reading");
        },
        ended.signal,
      );
      if (!ended.signal.aborted) show("complete");
    };
    const fail = (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      if (!ended.signal.aborted) setHistory((before) => ({ ...before, state: "failed", why }));
    };

    const timer = setTimeout(() => void read().catch(fail), history.listed === 0 ? 0 : RELIST_MS);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [address, latest?.signature]);

  return history;
}

/** Lists the transactions of an address, until this one, which has just happened, is among them. */
async function listWith(
  address: Address,
  latest: Signature | undefined,
): Promise<ListedTransaction[]> {
  for (let attempt = 1; ; attempt += 1) {
    const listed = await listTransactions(address, LIST_LIMIT);
    const isComplete = !latest || listed.some(({ signature }) => signature === latest);
    if (isComplete || attempt === MAX_LISTINGS) return listed;
    await new Promise((resolve) => setTimeout(resolve, RELIST_MS));
  }
}

const NOTHING: AddressHistory = { transactions: [], listed: 0, state: "reading", why: "" };

function chooseEnds(listed: readonly ListedTransaction[]): ListedTransaction[] {
  const last = listed.length - READ_PER_END;
  return listed.filter((_, index) => index < READ_PER_END || index >= last);
}

function inOrder(
  listed: readonly ListedTransaction[],
  known: ReadonlyMap<string, PastTransaction>,
): PastTransaction[] {
  return listed.flatMap(({ signature }) => known.get(signature) ?? []);
}
