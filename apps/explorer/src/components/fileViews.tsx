/** Files that were fetched by their hashes. */

import type { ContentId } from "@nosana-programs/client";
import { useMemo, useState } from "preact/hooks";

import { useContent, type Content } from "../data/useContent.ts";
import { bytesText } from "../format/amount.ts";
import { jsonText } from "../format/json.ts";
import { fileText, lineText } from "../format/text.ts";
import { Note } from "./notices.tsx";
import { Badge } from "./values.tsx";

/** The identifier of a file, and whether what was fetched has that hash. */
export function ContentLine({ id, content }: { id: ContentId; content: Content }) {
  return (
    <div class="content-line">
      <span class="mono cid">{id}</span>
      <span role="status">
        {content.kind === "reading" && <Badge tone="quiet">Reading</Badge>}
        {content.kind === "read" && <Badge tone="good">Hash verified</Badge>}
      </span>
      {content.kind === "read" && <span class="fine">{bytesText(content.bytes.length)}</span>}
      {content.kind === "failed" && <Note tone="bad">{lineText(content.why, 1_000)}</Note>}
    </div>
  );
}

interface FileProps {
  id: ContentId;
  title: string;
  size: string;
  name: string;
}

/** A file that is read while its button is pressed: a log, or an artifact. */
export function FileOnDemand({ id, title, size, name }: FileProps) {
  const [isWanted, want] = useState(false);
  const content = useContent(id, isWanted);
  return (
    <div class="file">
      <button type="button" aria-expanded={isWanted} onClick={() => want(!isWanted)}>
        <span>
          <bdi>{title}</bdi>, {size}
        </span>
      </button>
      {isWanted && <ContentLine id={id} content={content} />}
      {content.kind === "read" && <FileText bytes={content.bytes} name={name} />}
    </div>
  );
}

function FileText({ bytes, name }: { bytes: Uint8Array; name: string }) {
  const text = useMemo(() => {
    if (looksBinary(bytes)) return "(binary content)";
    return fileText(new TextDecoder().decode(bytes)) || "(empty)";
  }, [bytes]);

  return (
    <>
      <pre tabIndex={0} role="group" aria-label={name}>
        {text}
      </pre>
      <button type="button" class="small" onClick={() => saveFile(name, bytes)}>
        <span>
          Save <bdi>{name}</bdi>
        </span>
      </button>
    </>
  );
}

/** A JSON file. */
export function JsonFile({ bytes, label }: { bytes: Uint8Array; label: string }) {
  const text = useMemo(() => jsonText(bytes), [bytes]);
  return (
    <pre tabIndex={0} role="group" aria-label={label}>
      {text}
    </pre>
  );
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
