/** Definitions of jobs, from what somebody typed. */

import { toDigest, type ContentId, type JobDefinition } from "@nosana-programs/client";

/** The definition, or the CID of a stored one, or why there is none yet. */
export type Draft = { definition: JobDefinition } | { stored: ContentId } | { problem: string };

/** How somebody says what a job runs. */
export type DraftKind = "commands" | "prompt" | "vectors" | "json" | "stored";

/** The models that every node knows, by the sha-256 of their files. */
const MODELS = {
  generation: "sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
  embedding: "sha256:687d3ab1f2bf771aec2cb8965d5c984472dcda11b58f840263b022010166c1dc",
};

/** Makes a definition of what was typed. */
export function draftOf(kind: DraftKind, text: string): Draft {
  if (text.trim() === "") return { problem: "Write what the job runs" };

  switch (kind) {
    case "commands":
      return operation("run", "command/run", { steps: [{ name: "run", run: text.trim() }] });
    case "vectors":
      return operation("embed", "inference/run", {
        model: MODELS.embedding,
        task: "embedding",
        inputs: linesOf(text),
      });
    case "prompt":
      return operation("answer", "inference/run", {
        model: MODELS.generation,
        task: "generation",
        inputs: linesOf(text),
      });
    case "json":
      return parseDefinition(text);
    case "stored":
      return parseIdentifier(text.trim());
  }
}

function operation(id: string, type: string, args: object): Draft {
  return { definition: { version: "nosana/1", ops: [{ id, type, args }] } };
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function parseDefinition(text: string): Draft {
  try {
    const value: unknown = JSON.parse(text);
    const isDefinition = typeof value === "object" && value !== null && "ops" in value;
    return isDefinition
      ? { definition: value as JobDefinition }
      : { problem: "A definition has a list `ops`" };
  } catch (error) {
    return { problem: `This is not JSON: ${error instanceof Error ? error.message : ""}` };
  }
}

function parseIdentifier(text: string): Draft {
  try {
    toDigest(text);
    return { stored: text };
  } catch {
    return { problem: "This is not a CIDv0, which begins with Qm" };
  }
}
