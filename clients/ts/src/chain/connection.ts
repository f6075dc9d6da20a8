/** The connection to a network, as kit makes it. */

import {
  SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR,
  isSolanaError,
  type Commitment,
  type Rpc,
  type RpcSubscriptions,
  type SolanaRpcApi,
  type SolanaRpcSubscriptionsApi,
} from "@solana/kit";

/** How the client reaches a network. */
export interface Connection {
  /** From `createSolanaRpc`. */
  rpc: Rpc<SolanaRpcApi>;
  /**
   * From `createSolanaRpcSubscriptions`. Without it, everything that waits reads the chain in
   * intervals.
   */
  rpcSubscriptions?: RpcSubscriptions<SolanaRpcSubscriptionsApi> | undefined;
  /** What counts as having happened; `confirmed` unless it is set. */
  commitment?: Extract<Commitment, "confirmed" | "finalized"> | undefined;
}

/** Attempts after the first one. */
const MAX_RETRIES = 5;
/** The delay before the second attempt; it doubles with each. */
const FIRST_DELAY_MS = 100;
/** Codes of JSON-RPC errors that mean that the node is behind the cluster. */
const NODE_BEHIND = [-32004, -32005, -32016];

/** The commitment of a connection. */
export function commitmentOf(connection: Connection): "confirmed" | "finalized" {
  return connection.commitment ?? "confirmed";
}

/** Calls the RPC node; retries while it does not answer. Not for sending transactions. */
export async function callNode<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      signal?.throwIfAborted();
      if (!isTransient(error)) throw error;
      if (attempt === MAX_RETRIES) throw isUnreachable(error) ? unreachable(error) : error;
      await pause(FIRST_DELAY_MS * 2 ** attempt * (0.5 + Math.random()), signal);
    }
  }
}

/** Whether the request may succeed later: no answer, an overloaded node, or one that is behind. */
export function isTransient(error: unknown): boolean {
  if (isSolanaError(error, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR)) {
    const { statusCode } = error.context;
    return statusCode === 429 || statusCode >= 500;
  }
  if (isSolanaError(error)) return NODE_BEHIND.includes(error.context.__code);
  return isUnreachable(error);
}

/** How `fetch` reports that there was no answer. */
function isUnreachable(error: unknown): boolean {
  return error instanceof TypeError;
}

function unreachable(cause: unknown): Error {
  return new Error("the RPC node does not answer; check the address that the client's `rpc` has", {
    cause,
  });
}

/** Waits; ends early, with an error, when the signal is aborted. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();

  await new Promise<void>((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
