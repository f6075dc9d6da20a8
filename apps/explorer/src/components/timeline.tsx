/** The transactions that name an account, with what they did to it. */

import { isAbout } from "@nosana-programs/client";
import type { Address } from "@solana/kit";
import { useState } from "preact/hooks";

import type { PastTransaction } from "../data/history.ts";
import type { AddressHistory } from "../data/useHistory.ts";
import { countText } from "../format/amount.ts";
import { eventText, eventTone } from "../format/events.ts";
import { lineText } from "../format/text.ts";
import { momentText, relativeText } from "../format/time.ts";
import { nameWords } from "../format/words.ts";
import { now } from "../data/chainClock.ts";
import { Empty, Note } from "./notices.tsx";
import { AddressLink, Badge } from "./values.tsx";

/** Longer histories are shown when a button is pressed. */
const FIRST_SHOWN = 12;

export function Timeline({ address, history }: { address: Address; history: AddressHistory }) {
  const { transactions, listed, state, why } = history;
  const left = listed - transactions.length;
  const [isWhole, showAll] = useState(false);
  const shown = isWhole ? transactions : transactions.slice(0, FIRST_SHOWN);

  return (
    <>
      {state === "failed" && (
        <Note tone="bad">
          The history cannot be read: {lineText(why, 1_000)}. Reload the page to try again.
        </Note>
      )}
      {transactions.length === 0 && state === "complete" && (
        <Empty>The node keeps no transactions of this account; another RPC server may.</Empty>
      )}
      {transactions.length === 0 && state === "reading" && <Empty>Reading the history…</Empty>}
      <ol class="timeline">
        {shown.map((transaction) => (
          <TimelineEntry key={transaction.signature} address={address} transaction={transaction} />
        ))}
      </ol>
      {shown.length < transactions.length && (
        <button type="button" class="small" onClick={() => showAll(true)}>
          Show {countText(transactions.length - shown.length, "more transaction")}
        </button>
      )}
      {left > 0 && state === "complete" && (
        <p class="fine">{left} more transactions lie between the first and the latest ones.</p>
      )}
    </>
  );
}

function TimelineEntry(props: { address: Address; transaction: PastTransaction }) {
  const { signature, at, hasFailed, instructions, events } = props.transaction;
  const named = events.filter((event) => isAbout(event, props.address) || event.name === "Slashed");
  // Some events do not name every party: then the other events are shown.
  const about = named.length > 0 ? named : events.filter(({ program }) => program === "jobs");
  const calls = instructions.map(({ name }) => name).filter((name) => name !== "compute budget");

  return (
    <li class={hasFailed ? "failed" : undefined}>
      <div class="line">
        <span class="mono">{calls.join(", ")}</span>
        <span class="fine">
          <AddressLink to="tx" address={signature} />
        </span>
        {hasFailed && <Badge tone="bad">Failed</Badge>}
        {at !== undefined && (
          <span class="when" title={`${momentText(at)} UTC`}>
            {momentText(at)} · {relativeText(at, now.value)}
          </span>
        )}
      </div>
      {about.map((event, index) => (
        <div class="text" key={index}>
          <Badge tone={eventTone(event)}>{nameWords(event.name)}</Badge> {eventText(event)}
        </div>
      ))}
    </li>
  );
}
