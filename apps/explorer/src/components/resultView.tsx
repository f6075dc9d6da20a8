/** A result: how each operation ended, with its output, logs and artifacts. */

import type { ContentId } from "@nosana-programs/client";
import { useMemo, useState } from "preact/hooks";

import { useContent } from "../data/useContent.ts";
import { bytesText, countText, groupDigits } from "../format/amount.ts";
import { parseJson } from "../format/json.ts";
import {
  readOutput,
  readResult,
  RESULT_VERSION,
  type ShownArtifact,
  type ShownOperation,
  type ShownStep,
} from "../format/result.ts";
import { fileText } from "../format/text.ts";
import { ContentLine, FileOnDemand, JsonFile } from "./fileViews.tsx";
import { Note } from "./notices.tsx";
import { Badge } from "./values.tsx";

export function ResultView({ bytes, definition }: { bytes: Uint8Array; definition: ContentId }) {
  const result = useMemo(() => readResult(parseJson(bytes)), [bytes]);
  if (!result) {
    return <Note tone="bad">This is not a result file of the version {RESULT_VERSION}.</Note>;
  }
  return (
    <>
      {result.definition !== definition && (
        <Note tone="bad">
          It answers another definition: <bdi class="mono cid">{result.definition}</bdi>
        </Note>
      )}
      {result.operations.map((operation, index) => (
        <Operation key={index} operation={operation} />
      ))}
    </>
  );
}

function Operation({ operation }: { operation: ShownOperation }) {
  const { id, status, output, error } = operation;
  const content = useContent(output);
  return (
    <section class="operation" aria-label={`Operation ${id}`}>
      <div class="line">
        <b>
          <bdi>{id}</bdi>
        </b>{" "}
        <Badge tone={status === "ok" ? "good" : "bad"}>
          <bdi>{status}</bdi>
        </Badge>
      </div>
      {error !== undefined && (
        <Note tone="bad">
          <bdi>{error}</bdi>
        </Note>
      )}
      {output !== undefined && <ContentLine id={output} content={content} />}
      {content.kind === "read" && <Output bytes={content.bytes} />}
    </section>
  );
}

/** The output of one operation: steps with logs, answers, vectors, or any JSON. */
function Output({ bytes }: { bytes: Uint8Array }) {
  const output = useMemo(() => readOutput(parseJson(bytes)), [bytes]);
  switch (output.kind) {
    case "commands":
      return <CommandOutput steps={output.steps} artifacts={output.artifacts} />;
    case "answers":
      return (
        <ol class="answers">
          {output.answers.map((text, index) => (
            <li key={index} dir="auto">
              {fileText(text)}
            </li>
          ))}
        </ol>
      );
    case "vectors":
      return (
        <>
          <p class="fine">
            {countText(output.vectors, "vector")} of {groupDigits(output.dimensions)} numbers
          </p>
          <JsonFile bytes={bytes} label="Output" />
        </>
      );
    case "other":
      return <JsonFile bytes={bytes} label="Output" />;
  }
}

/** Longer lists of artifacts are shown when a button is pressed. */
const FIRST_SHOWN = 32;

function CommandOutput(props: { steps: ShownStep[]; artifacts: ShownArtifact[] }) {
  const { steps, artifacts } = props;
  const [isWhole, showAll] = useState(false);
  const shown = isWhole ? artifacts : artifacts.slice(0, FIRST_SHOWN);

  return (
    <>
      <ul class="steps" aria-label="Steps">
        {steps.map(({ name, status, exitCode, log, logBytes }, index) => (
          <li key={index}>
            <div class="line">
              <bdi class="mono">{name}</bdi>
              <Badge tone={exitCode === 0 || status === "stopped" ? "good" : "bad"}>
                <bdi>{status}</bdi>
                {exitCode === undefined ? "" : ` ${exitCode}`}
              </Badge>
            </div>
            {log !== undefined && (
              <FileOnDemand id={log} title="Log" size={bytesText(logBytes)} name={`${name}.log`} />
            )}
          </li>
        ))}
      </ul>
      {artifacts.length > 0 && (
        <ul class="steps" aria-label="Artifacts">
          {shown.map((artifact, index) => (
            <li key={index}>
              <ArtifactFile artifact={artifact} />
            </li>
          ))}
        </ul>
      )}
      {shown.length < artifacts.length && (
        <button type="button" class="small" onClick={() => showAll(true)}>
          Show {countText(artifacts.length - shown.length, "more artifact")}
        </button>
      )}
    </>
  );
}

function ArtifactFile({ artifact: { path, sizeBytes, content } }: { artifact: ShownArtifact }) {
  if (content === undefined) {
    return (
      <Note tone="bad">
        The result names no content for <bdi>{path}</bdi>.
      </Note>
    );
  }
  return <FileOnDemand id={content} title={path} size={bytesText(sizeBytes)} name={path} />;
}
