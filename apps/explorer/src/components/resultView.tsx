/** A result: how each operation ended, with its output, logs and artifacts. */

import type { ContentId, OperationResult, ResultFile } from "@nosana-programs/client";

import { jsonOf, useContent } from "../data/useContent.ts";
import { bytesText } from "../format/amount.ts";
import { ContentLine, FileOnDemand, prettyJson } from "./fileViews.tsx";
import { Note } from "./notices.tsx";
import { Badge } from "./values.tsx";

const RESULT_VERSION = "nosana-result/1";

export function ResultView({ bytes, definition }: { bytes: Uint8Array; definition: ContentId }) {
  const file = jsonOf(bytes) as Partial<ResultFile> | undefined;
  if (file?.version !== RESULT_VERSION || !Array.isArray(file.ops)) {
    return <Note tone="bad">This is not a result file of the version {RESULT_VERSION}.</Note>;
  }
  return (
    <>
      {file.definition !== definition && (
        <Note tone="bad">
          It answers another definition: <span class="mono cid">{file.definition}</span>
        </Note>
      )}
      {file.ops.map((operation) => (
        <Operation key={operation.id} operation={operation} />
      ))}
    </>
  );
}

function Operation({ operation }: { operation: OperationResult }) {
  const { id, status, output, error } = operation;
  const content = useContent(output ?? undefined);
  return (
    <section class="operation" aria-label={`Operation ${id}`}>
      <div class="line">
        <b>{id}</b> <Badge tone={status === "ok" ? "good" : "bad"}>{status}</Badge>
      </div>
      {error !== null && error !== undefined && <Note tone="bad">{error}</Note>}
      {output && <ContentLine id={output} content={content} />}
      {content.kind === "read" && <Output bytes={content.bytes} />}
    </section>
  );
}

interface StepOutput {
  name: string;
  status: string;
  exit_code: number | null;
  log: ContentId | null;
  log_bytes: number;
}

interface Artifact {
  path: string;
  size_bytes: number;
  content: ContentId;
}

/** The output of one operation: steps with logs, answers, vectors, or any JSON. */
function Output({ bytes }: { bytes: Uint8Array }) {
  const value = jsonOf(bytes);
  if (typeof value !== "object" || value === null) return <Json bytes={bytes} />;

  const { steps, artifacts, generations, embeddings, dimensions } = value as Record<
    string,
    unknown
  >;
  if (Array.isArray(steps)) {
    return (
      <CommandOutput
        steps={steps as StepOutput[]}
        artifacts={Array.isArray(artifacts) ? (artifacts as Artifact[]) : []}
      />
    );
  }
  if (Array.isArray(generations)) {
    return (
      <ol class="answers">
        {(generations as { text: string }[]).map(({ text }, index) => (
          <li key={index}>{text}</li>
        ))}
      </ol>
    );
  }
  if (Array.isArray(embeddings)) {
    return (
      <>
        <p class="fine">
          {embeddings.length} vectors of {String(dimensions)} numbers
        </p>
        <Json bytes={bytes} />
      </>
    );
  }
  return <Json bytes={bytes} />;
}

function CommandOutput({ steps, artifacts }: { steps: StepOutput[]; artifacts: Artifact[] }) {
  return (
    <>
      <ul class="steps" aria-label="Steps">
        {steps.map(({ name, status, exit_code: code, log, log_bytes: size }) => (
          <li key={name}>
            <div class="line">
              <span class="mono">{name}</span>
              <Badge tone={code === 0 ? "good" : "bad"}>
                {status}
                {code === null ? "" : ` ${code}`}
              </Badge>
            </div>
            {log !== null && (
              <FileOnDemand id={log} title={`Log, ${bytesText(size)}`} name={`${name}.log`} />
            )}
          </li>
        ))}
      </ul>
      {artifacts.length > 0 && (
        <ul class="steps" aria-label="Artifacts">
          {artifacts.map(({ path, size_bytes: size, content }) => (
            <li key={path}>
              <FileOnDemand id={content} title={`${path}, ${bytesText(size)}`} name={path} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** The most characters of a JSON file that are shown. */
const MAX_SHOWN = 20_000;

function Json({ bytes }: { bytes: Uint8Array }) {
  const text = prettyJson(bytes);
  return (
    <pre tabIndex={0} aria-label="Output">
      {text.length > MAX_SHOWN
        ? `${text.slice(0, MAX_SHOWN)}\n… ${text.length - MAX_SHOWN} more characters`
        : text}
    </pre>
  );
}
