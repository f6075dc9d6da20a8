/**
 * Results and outputs as a page shows them. Nodes write these files: each field is checked, and
 * lists are as long as the protocol lets them be.
 */

import { toDigest, type ContentId } from "@nosana-programs/client";

import { lineText } from "./text.ts";

/** An operation of a result. */
export interface ShownOperation {
  id: string;
  status: string;
  /** Undefined if there is none, or if what is there is not an identifier. */
  output: ContentId | undefined;
  error: string | undefined;
}

/** A result. */
export interface ShownResult {
  definition: string;
  operations: ShownOperation[];
}

/** A step of commands. */
export interface ShownStep {
  name: string;
  status: string;
  exitCode: number | undefined;
  log: ContentId | undefined;
  logBytes: number;
}

/** A file that a job keeps. */
export interface ShownArtifact {
  path: string;
  sizeBytes: number;
  content: ContentId | undefined;
}

/** What an operation produced. */
export type ShownOutput =
  | { kind: "commands"; steps: ShownStep[]; artifacts: ShownArtifact[] }
  | { kind: "answers"; answers: string[] }
  | { kind: "vectors"; vectors: number; dimensions: number }
  | { kind: "other" };

export const RESULT_VERSION = "nosana-result/1";
/** Limits of definitions: `crates/job-spec`. */
const MAX_OPERATIONS = 16;
const MAX_STEPS = 64;
const MAX_INPUTS = 64;
const MAX_ARTIFACTS = 4_096;
const MAX_ERROR_CHARACTERS = 4_000;

type Fields = Record<string, unknown>;

/** Reads a result; undefined if the value is not one. */
export function readResult(value: unknown): ShownResult | undefined {
  const { version, definition, ops } = fieldsOf(value);
  if (version !== RESULT_VERSION || !Array.isArray(ops)) return undefined;

  const operations = listOf(ops, MAX_OPERATIONS).map((operation) => ({
    id: lineOf(operation["id"]),
    status: lineOf(operation["status"]),
    output: identifierOf(operation["output"]),
    error:
      typeof operation["error"] === "string"
        ? lineText(operation["error"], MAX_ERROR_CHARACTERS)
        : undefined,
  }));
  return { definition: lineOf(definition), operations };
}

/** Reads the output of an operation. */
export function readOutput(value: unknown): ShownOutput {
  const fields = fieldsOf(value);
  const { steps, generations, embeddings, dimensions } = fields;
  if (Array.isArray(steps)) {
    return {
      kind: "commands",
      steps: listOf(steps, MAX_STEPS).map(readStep),
      // Outputs of earlier releases spell the name otherwise.
      artifacts: listOf(fields["artifacts"] ?? fields["artefacts"], MAX_ARTIFACTS).map(
        readArtifact,
      ),
    };
  }
  if (Array.isArray(generations)) {
    const answers = listOf(generations, MAX_INPUTS).map(({ text }) => textOf(text));
    return { kind: "answers", answers };
  }
  if (Array.isArray(embeddings)) {
    return { kind: "vectors", vectors: embeddings.length, dimensions: countOf(dimensions) };
  }
  return { kind: "other" };
}

function readStep(step: Fields): ShownStep {
  const code = step["exit_code"];
  return {
    name: lineOf(step["name"]),
    status: lineOf(step["status"]),
    exitCode: typeof code === "number" ? code : undefined,
    log: identifierOf(step["log"]),
    logBytes: countOf(step["log_bytes"]),
  };
}

function readArtifact({ path, size_bytes: size, content }: Fields): ShownArtifact {
  return { path: lineOf(path), sizeBytes: countOf(size), content: identifierOf(content) };
}

/** The fields of an object; none of anything else. */
function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function listOf(value: unknown, limit: number): Fields[] {
  return Array.isArray(value) ? value.slice(0, limit).map(fieldsOf) : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function lineOf(value: unknown): string {
  return lineText(textOf(value));
}

function countOf(value: unknown): number {
  return typeof value === "number" && value >= 0 ? value : 0;
}

/** An identifier becomes part of an address, so it must be one. */
function identifierOf(value: unknown): ContentId | undefined {
  try {
    toDigest(textOf(value));
    return textOf(value);
  } catch {
    return undefined;
  }
}
