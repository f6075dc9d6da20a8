/** JSON files of strangers. */

import { fileText } from "./text.ts";

/** Larger files are shown as they are: indenting them takes long. */
const MAX_INDENTED_BYTES = 256 * 1024;
/** The spaces of an indented file grow with the square of its depth. */
const MAX_DEPTH = 64;

/** The value of a JSON file; undefined if it is not one. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** The text of a JSON file, indented if it is small; else as it is. */
export function jsonText(bytes: Uint8Array): string {
  const value = bytes.length <= MAX_INDENTED_BYTES ? parseJson(bytes) : undefined;
  const isPlain = value === undefined || isDeeperThan(MAX_DEPTH, value);
  return fileText(isPlain ? new TextDecoder().decode(bytes) : JSON.stringify(value, null, 2));
}

function isDeeperThan(limit: number, value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((each) =>
      typeof each === "object" && each !== null ? (Object.values(each) as unknown[]) : [],
    );
  }
  return false;
}
