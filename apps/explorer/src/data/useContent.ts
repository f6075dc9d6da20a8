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

/** What is known of one file. */
interface Reading {
  id: ContentId;
  content: Content;
}

/** The largest file that the page shows. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;
const NOTHING: Content = { kind: "none" };

/** Reads a file while it is wanted; `none` without an identifier or an endpoint. */
export function useContent(id: ContentId | undefined, isWanted = true): Content {
  const { content: endpoint } = settings.value;
  const [reading, setReading] = useState<Reading | undefined>(undefined);

  useEffect(() => {
    if (id === undefined || endpoint === undefined || !isWanted) {
      // Lets go of the bytes.
      setReading(undefined);
      return;
    }
    const ended = new AbortController();
    const { signal } = ended;
    const show = (content: Content) => !signal.aborted && setReading({ id, content });
    show({ kind: "reading" });

    readFile(new GatewayStore(endpoint), id, { maxBytes: MAX_FILE_BYTES, signal }).then(
      (bytes) => show({ kind: "read", bytes }),
      (error: unknown) => {
        show({ kind: "failed", why: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => ended.abort();
  }, [id, endpoint, isWanted]);

  // Until the effect has run, the reading is that of another file.
  return isWanted && reading !== undefined && reading.id === id ? reading.content : NOTHING;
}
