/** Key files, as the Solana tools write them. */

import { readFile } from "node:fs/promises";

import { createKeyPairSignerFromBytes, type KeyPairSigner } from "@solana/kit";

/** Loads the wallet of a key file: a JSON array of 64 numbers. */
export async function loadKeypair(path: string): Promise<KeyPairSigner> {
  const text = await readFile(path, "utf8");
  try {
    return await createKeyPairSignerFromBytes(Uint8Array.from(JSON.parse(text) as number[]));
  } catch (cause) {
    throw new Error(
      `${path} is not a key file: a JSON array of the 64 bytes that solana-keygen writes`,
      { cause },
    );
  }
}
