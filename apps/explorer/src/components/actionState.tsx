/** How the last action of a card went. */

import type { ActionState } from "../wallet/useAction.ts";
import { Note } from "./notices.tsx";
import { AddressLink } from "./values.tsx";

export function ActionResult({ state }: { state: ActionState }) {
  return (
    <div role="status">
      {state.kind === "running" && (
        <Note>{state.label}: waiting for the signature and the chain…</Note>
      )}
      {state.kind === "done" && (
        <Note tone="good">
          {state.label}: done in <AddressLink to="tx" address={state.signature} />
        </Note>
      )}
      {state.kind === "failed" && (
        <Note tone="bad">
          {state.label} failed: {state.why}
        </Note>
      )}
    </div>
  );
}
