/** The past transactions of an account, with their events. */

import { signature as asSignature, type Address, type Signature } from "@solana/kit";

import { callNode, commitmentOf, type Connection } from "./connection.js";
import { decodeEvents, type NosanaEvent } from "./events.js";

/** A transaction that succeeded. */
export interface LoggedTransaction {
  signature: Signature;
  /**
   * The slot of its block. As it happens, it is the slot of the notice, which can differ a little.
   */
  slot: bigint;
  /** The events of the three programs, in order. */
  events: NosanaEvent[];
}

/** Signatures that nodes return per request. */
const PAGE_SIZE = 1_000;

/**
 * Returns the transactions that name `address`, the oldest first, at most `limit` of the latest.
 * With `after`, only those after that transaction. Nodes delete old transactions, so the first ones
 * may be missing.
 */
export async function fetchHistory(
  connection: Connection,
  address: Address,
  { limit = PAGE_SIZE, after }: { limit?: number; after?: Signature | undefined } = {},
): Promise<LoggedTransaction[]> {
  const signatures = await listSignatures(connection, address, limit, after);

  const found: LoggedTransaction[] = [];
  for (const signature of signatures) {
    const transaction = await fetchTransaction(connection, signature);
    if (transaction) found.push(transaction);
  }
  return found;
}

/** Reads one transaction; undefined if the node does not have it, or if it failed. */
export async function fetchTransaction(
  connection: Connection,
  signature: Signature,
): Promise<LoggedTransaction | undefined> {
  const found = await callNode(() =>
    connection.rpc
      .getTransaction(signature, {
        commitment: commitmentOf(connection),
        encoding: "json",
        maxSupportedTransactionVersion: 0,
      })
      .send(),
  );
  if (!found || found.meta?.err) return undefined;

  return { signature, slot: found.slot, events: decodeEvents(found.meta?.logMessages ?? []) };
}

/** The signatures of transactions that succeeded, the oldest first. */
async function listSignatures(
  connection: Connection,
  address: Address,
  limit: number,
  after: Signature | undefined,
): Promise<Signature[]> {
  const commitment = commitmentOf(connection);
  const found: Signature[] = [];
  let before: Signature | undefined;

  while (found.length < limit) {
    const range = { ...(before && { before }), ...(after && { until: after }) };
    const page = await callNode(() =>
      connection.rpc
        .getSignaturesForAddress(address, { commitment, limit: PAGE_SIZE, ...range })
        .send(),
    );
    found.push(
      ...page.filter(({ err }) => err === null).map((each) => asSignature(each.signature)),
    );

    before = page.at(-1)?.signature;
    if (page.length < PAGE_SIZE) break;
  }
  return found.slice(0, limit).reverse();
}
