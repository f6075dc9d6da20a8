/** JSON files: definitions and results. */

import { ContentError } from "./error.js";
import { readFile, writeFile } from "./file.js";
import type { ContentId } from "./identifier.js";
import type { BlockStore } from "./store.js";

/** Stores a value as a JSON file. */
export async function writeJson(store: BlockStore, value: unknown): Promise<ContentId> {
  return await writeFile(store, new TextEncoder().encode(JSON.stringify(value)));
}

/** Reads a JSON file and verifies its hash. */
export async function readJson<T = unknown>(
  store: BlockStore,
  id: ContentId,
  options: { maxBytes?: number; signal?: AbortSignal } = {},
): Promise<T> {
  const text = new TextDecoder().decode(await readFile(store, id, options));
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new ContentError(`${id} is not a JSON file`, { cause });
  }
}
