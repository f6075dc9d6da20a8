/** Who acts on this page. */

import { signal } from "@preact/signals";
import { createClient, type Client } from "@nosana-programs/client";
import { createKeyPairSignerFromBytes, type TransactionSigner } from "@solana/kit";

import { GatewayStore } from "../data/content.ts";
import { connection } from "../data/network.ts";
import { isLocal, settings } from "../data/settings.ts";

/** A signer, and the name of the wallet that it belongs to. */
export interface Session {
  signer: TransactionSigner;
  name: string;
}

/** Undefined while no wallet is connected. Nothing of it is stored. */
export const session = signal<Session | undefined>(undefined);

const KEY_BYTES = 64;
const GENESIS_CHAINS: Record<string, string> = {
  "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d": "solana:mainnet",
  EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG: "solana:devnet",
  "4uhcVJyU9pJkvQyS88uRDiswHScSGQmcoKUMCRA7GSMd": "solana:testnet",
};

/** The name that wallets have for the network. */
export async function findChain(): Promise<string> {
  const genesis = await connection().rpc.getGenesisHash().send();
  return GENESIS_CHAINS[genesis] ?? "solana:localnet";
}

/** Whether a key file may be used: on a network of this machine only. */
export async function mayUseKeys(): Promise<boolean> {
  return isLocal(settings.value.url) && (await findChain()) === "solana:localnet";
}

/** Uses the key of a file, as `nosana localnet` and the Solana tools write it. */
export async function useKeyFile(text: string, name: string): Promise<void> {
  if (!(await mayUseKeys())) {
    throw new Error("key files are for a local network only; use a wallet of the browser");
  }
  const bytes = parseKey(text);
  if (!bytes) throw new Error(`${name} is not a key file: a JSON array of ${KEY_BYTES} numbers`);
  session.value = { signer: await createKeyPairSignerFromBytes(bytes), name };
}

/** A client that acts as the connected wallet; fails if there is none. */
export function sessionClient(): Client {
  const known = session.value;
  if (!known) throw new Error("no wallet is connected; use “Connect wallet” above");

  const { content } = settings.value;
  const store = content === undefined ? undefined : new GatewayStore(content);
  return createClient({ ...connection(), signer: known.signer, store });
}

function parseKey(text: string): Uint8Array | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isKey =
      Array.isArray(value) &&
      value.length === KEY_BYTES &&
      value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256);
    return isKey ? Uint8Array.from(value as number[]) : undefined;
  } catch {
    return undefined;
  }
}
