/** A transaction that a button sends: while it runs, and how it ended. */

import type { Client } from "@nosana-programs/client";
import { useState } from "preact/hooks";

import { lineText } from "../format/text.ts";
import { sessionClient } from "./session.ts";

export type ActionState =
  | { kind: "idle" }
  | { kind: "running"; label: string }
  | { kind: "done"; label: string; signature: string }
  | { kind: "failed"; label: string; why: string };

/** The RPC server and the wallet word some failures. */
const MAX_CHARACTERS = 1_000;

type Act = (client: Client) => Promise<{ signature: string }>;

/** Returns the state of the last action, and what starts another one. */
export function useAction() {
  const [state, setState] = useState<ActionState>({ kind: "idle" });

  const start = async (label: string, act: Act) => {
    setState({ kind: "running", label });
    try {
      const { signature } = await act(sessionClient());
      setState({ kind: "done", label, signature });
    } catch (error) {
      setState({ kind: "failed", label, why: explainFailure(error) });
    }
  };
  return { state, start: (label: string, act: Act) => void start(label, act) };
}

function explainFailure(error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  return lineText(why, MAX_CHARACTERS);
}
