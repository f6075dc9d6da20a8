/** Files by their identifiers, for a page that is open. */

import { readFile, type ContentId } from "@nosana-programs/client";
import { useEffect, useState } from "preact/hooks";

import { GatewayStore } from "./content.ts";
import { settings } from "./settings.ts";

export type Content =
  | { kind: "none" }
  | { kind: "reading" }
  | { kind: "read"; bytes: Uint8Array }
  | { kind: "failed"; why: string };

/** The largest file that the page shows. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** Reads a file, once it is wanted; `none` without an identifier or an endpoint. */
export function useContent(id: ContentId | undefined, isWanted = true): Content {
  const { content: endpoint } = settings.value;
  const [content, setContent] = useState<Content>({ kind: "none" });

  useEffect(() => {
    if (id === undefined || endpoint === undefined || !isWanted) return;
    const ended = new AbortController();
    const { signal } = ended;
    setContent({ kind: "reading" });

    readFile(new GatewayStore(endpoint), id, { maxBytes: MAX_FILE_BYTES, signal }).then(
      (bytes) => !signal.aborted && setContent({ kind: "read", bytes }),
      (error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        if (!signal.aborted) setContent({ kind: "failed", why });
      },
    );
    return () => ended.abort();
  }, [id, endpoint, isWanted]);

  return content;
}

/** The text of a file. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The value of a JSON file; undefined if it is none. */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(bytes));
  } catch {
    return undefined;
  }
}
