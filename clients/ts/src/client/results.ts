/** Results: what a node stored for a job, verified against the hash on the chain. */

import { readJson } from "../content/json.js";
import { ContentError } from "../content/error.js";
import { isSet, toContentId, type ContentId } from "../content/identifier.js";
import type { BlockStore } from "../content/store.js";
import type { FoundAccount } from "../chain/accounts.js";
import type { Job } from "../generated/jobs/accounts/job.js";

/** How an operation of a definition ended. */
export interface OperationResult {
  id: string;
  status: string;
  /** The identifier of the output, a JSON file. */
  output: ContentId | null;
  error: string | null;
}

/** The file that a node submits; see `docs/schema/nosana-result-1.schema.json`. */
export interface ResultFile {
  version: string;
  /** The identifier of the definition. */
  definition: ContentId;
  ops: OperationResult[];
}

/** A verified result. */
export interface JobResult {
  id: ContentId;
  file: ResultFile;
  /** The outputs, by the operations' identifiers. */
  outputs: Record<string, unknown>;
}

/** The version of result files. */
const RESULT_VERSION = "nosana-result/1";

/**
 * Reads the result that a job names. Every block is verified by its hash, and the definition must
 * be the job's.
 */
export async function readJobResult(
  store: BlockStore,
  { address, data }: FoundAccount<Job>,
  options: { maxBytes?: number; signal?: AbortSignal } = {},
): Promise<JobResult> {
  if (!isSet(data.result))
    throw new ContentError(`the job ${address} has no result; wait for it first`);

  const id = toContentId(data.result);
  const file = await readJson<ResultFile>(store, id, options);
  if (file.version !== RESULT_VERSION || !Array.isArray(file.ops)) {
    throw new ContentError(`${id} is not a result of the version ${RESULT_VERSION}`);
  }
  const definition = toContentId(data.definition);
  if (file.definition !== definition) {
    throw new ContentError(
      `${id} answers the definition ${file.definition}, not the job's ${definition}`,
    );
  }

  const outputs: [string, unknown][] = [];
  for (const { id: operation, output } of file.ops) {
    if (output !== null) outputs.push([operation, await readJson(store, output, options)]);
  }
  return { id, file, outputs: Object.fromEntries(outputs) };
}
