/** The connection to the network that the settings name. */

import { createSolanaRpc, createSolanaRpcSubscriptions } from "@solana/kit";
import type { Connection } from "@nosana-programs/client";

import { settings } from "./settings.ts";

let opened: ReturnType<typeof open> | undefined;

/** Returns the connection. */
export function connection() {
  opened ??= open();
  return opened;
}

/**
 * Makes a new connection. A websocket that is silent looks open, and what subscribes later would
 * share it.
 */
export function renewConnection() {
  opened = open();
  return opened;
}

function open() {
  const { url, ws } = settings.value;
  return {
    rpc: createSolanaRpc(url),
    rpcSubscriptions: createSolanaRpcSubscriptions(ws),
    commitment: "confirmed",
  } satisfies Connection;
}
