/** A job's definition and result, fetched by their hashes and checked in the browser. */

import { isSet, toContentId, type ContentId } from "@nosana-programs/client";
import type { Job } from "@nosana-programs/client/jobs";

import { settings } from "../data/settings.ts";
import { useContent } from "../data/useContent.ts";
import { Card } from "./card.tsx";
import { ErrorBoundary } from "./errorBoundary.tsx";
import { ContentLine, JsonFile } from "./fileViews.tsx";
import { Empty, Note } from "./notices.tsx";
import { ResultView } from "./resultView.tsx";

export function ContentCard({ job }: { job: Job }) {
  const { content: endpoint } = settings.value;
  const definition = toContentId(job.definition);
  const result = isSet(job.result) ? toContentId(job.result) : undefined;
  return (
    <Card title="Definition and result">
      {job.isPrivate !== 0 && (
        <Note>
          The job is private: only its client, its payer and its node have the files.{" "}
          <code>nosana job wait</code> reads them.
        </Note>
      )}
      {job.isPrivate === 0 && endpoint === undefined && (
        <Note>
          The chain has only their hashes. To read the files, name a content endpoint under{" "}
          <b>Connection</b>: any trustless IPFS gateway that has them.
        </Note>
      )}
      <ErrorBoundary what="definition">
        <Definition id={definition} />
      </ErrorBoundary>
      <h3>Result</h3>
      {result === undefined ? (
        <Empty>No result has been submitted.</Empty>
      ) : (
        <ErrorBoundary key={result} what="result">
          <Result id={result} definition={definition} />
        </ErrorBoundary>
      )}
    </Card>
  );
}

function Definition({ id }: { id: ContentId }) {
  const content = useContent(id);
  return (
    <>
      <h3>Definition</h3>
      <ContentLine id={id} content={content} />
      {content.kind === "read" && <JsonFile bytes={content.bytes} label="Definition" />}
    </>
  );
}

function Result({ id, definition }: { id: ContentId; definition: ContentId }) {
  const content = useContent(id);
  return (
    <>
      <ContentLine id={id} content={content} />
      {content.kind === "read" && <ResultView bytes={content.bytes} definition={definition} />}
    </>
  );
}
