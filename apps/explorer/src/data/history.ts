/** Past transactions: when they happened, what they called, and which events they emitted. */

import { decodeEvents, type NosanaEvent } from "@nosana-programs/client";
import { signature as asSignature, type Address, type Signature } from "@solana/kit";

import { connection } from "./network.ts";
import { instructionName } from "./instructions.ts";

/** A transaction in the list of an address. */
export interface ListedTransaction {
  signature: Signature;
  slot: bigint;
  /** Unix time of its block; undefined if the node does not know it. */
  at: bigint | undefined;
  hasFailed: boolean;
}

/** A transaction with what it did. */
export interface PastTransaction extends ListedTransaction {
  feeLamports: bigint;
  payer: Address | undefined;
  instructions: { program: Address; name: string }[];
  events: NosanaEvent[];
}

/** Reads that run at the same time. Public nodes refuse more. */
const PARALLEL_READS = 4;
const COMMITMENT = { commitment: "confirmed" } as const;

/** Lists the latest transactions that name an address, the newest first. */
export async function listTransactions(
  address: Address,
  limit: number,
  before?: Signature,
): Promise<ListedTransaction[]> {
  const found = await connection()
    .rpc.getSignaturesForAddress(address, { ...COMMITMENT, limit, ...(before && { before }) })
    .send();
  return found.map(({ signature, slot, blockTime, err }) => ({
    signature: asSignature(signature),
    slot,
    at: blockTime ?? undefined,
    hasFailed: err !== null,
  }));
}

/** Reads one transaction; undefined if the node does not have it. */
export async function readTransaction(signature: Signature): Promise<PastTransaction | undefined> {
  const found = await connection()
    .rpc.getTransaction(signature, {
      ...COMMITMENT,
      encoding: "json",
      maxSupportedTransactionVersion: 0,
    })
    .send();
  if (!found) return undefined;

  const { message } = found.transaction;
  const loaded = found.meta?.loadedAddresses;
  const keys = [...message.accountKeys, ...(loaded?.writable ?? []), ...(loaded?.readonly ?? [])];
  const instructions = message.instructions.flatMap(({ programIdIndex, data }) => {
    const program = keys[programIdIndex];
    return program ? [{ program, name: instructionName(program, data) }] : [];
  });

  const hasFailed = found.meta?.err != null;
  return {
    signature,
    slot: found.slot,
    at: found.blockTime ?? undefined,
    hasFailed,
    feeLamports: found.meta?.fee ?? 0n,
    payer: keys[0],
    instructions,
    events: hasFailed ? [] : decodeEvents(found.meta?.logMessages ?? []),
  };
}

/** Reads these transactions, in their order; calls `onRead` after some of them. */
export async function readTransactions(
  listed: readonly ListedTransaction[],
  onRead: (read: PastTransaction[]) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let at = 0; at < listed.length && !signal.aborted; at += PARALLEL_READS) {
    const some = listed.slice(at, at + PARALLEL_READS);
    const read = await Promise.all(some.map(({ signature }) => readTransaction(signature)));
    // A block's time is in the list, even where the node leaves it out of the transaction.
    const known = read.flatMap((each, index) =>
      each ? [{ ...each, at: each.at ?? some[index]?.at }] : [],
    );
    if (!signal.aborted) onRead(known);
  }
}
