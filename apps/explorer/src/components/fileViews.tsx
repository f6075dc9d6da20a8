/** Files that were fetched by their hashes. */

import type { ContentId } from "@nosana-programs/client";
import { useState } from "preact/hooks";

import { jsonOf, textOf, useContent, type Content } from "../data/useContent.ts";
import { bytesText } from "../format/amount.ts";
import { Note } from "./notices.tsx";
import { Badge } from "./values.tsx";

/** The identifier of a file, and whether what was fetched has that hash. */
export function ContentLine({ id, content }: { id: ContentId; content: Content }) {
  return (
    <div class="content-line">
      <span class="mono cid">{id}</span>
      {content.kind === "reading" && <Badge tone="quiet">Reading</Badge>}
      {content.kind === "read" && (
        <>
          <Badge tone="good">Hash verified</Badge>
          <span class="fine">{bytesText(content.bytes.length)}</span>
        </>
      )}
      {content.kind === "failed" && <Note tone="bad">{content.why}</Note>}
    </div>
  );
}

/** A file that is read when its button is pressed: a log, or an artifact. */
export function FileOnDemand({ id, title, name }: { id: ContentId; title: string; name: string }) {
  const [isWanted, want] = useState(false);
  const content = useContent(id, isWanted);
  return (
    <div class="file">
      <button type="button" disabled={isWanted} onClick={() => want(true)}>
        {title}
      </button>
      {isWanted && <ContentLine id={id} content={content} />}
      {content.kind === "read" && (
        <>
          <pre tabIndex={0} aria-label={name}>
            {looksBinary(content.bytes) ? "(binary content)" : textOf(content.bytes) || "(empty)"}
          </pre>
          <button type="button" class="small" onClick={() => saveFile(name, content.bytes)}>
            Save {name}
          </button>
        </>
      )}
    </div>
  );
}

export function prettyJson(bytes: Uint8Array): string {
  const value = jsonOf(bytes);
  return value === undefined ? textOf(bytes) : JSON.stringify(value, null, 2);
}

/** Whether a file has bytes that no text has. */
function looksBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 4_096).includes(0);
}

function saveFile(name: string, bytes: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([bytes as BlobPart]));
  const link = document.createElement("a");
  link.href = url;
  link.download = name.split("/").at(-1) ?? "file";
  link.click();
  URL.revokeObjectURL(url);
}
