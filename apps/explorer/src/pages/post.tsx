/** Posts a job from the page. */

import { isAddress, type Address } from "@solana/kit";
import { useState } from "preact/hooks";

import { ActionResult } from "../components/actionState.tsx";
import { Card } from "../components/card.tsx";
import { DefinitionForm } from "../components/definitionForm.tsx";
import { Note } from "../components/notices.tsx";
import { PageHead } from "../components/pageHead.tsx";
import { DearerNote, QuoteFacts } from "../components/quoteFacts.tsx";
import { AddressLink, Countdown } from "../components/values.tsx";
import { ledger } from "../data/ledger.ts";
import { settings } from "../data/settings.ts";
import { useQuote } from "../data/useQuote.ts";
import { hourlyPrice, shortAddress } from "../format/amount.ts";
import type { Draft } from "../format/definition.ts";
import { findTermsBlocker, isDearer, parseSeconds } from "../rules/quote.ts";
import { session } from "../wallet/session.ts";
import { useAction } from "../wallet/useAction.ts";

const DEFAULT_TIMEOUT = "600";

export function PostPage({ market: asked }: { market: string | undefined }) {
  const markets = [...ledger.markets.entries()].filter(([, { retired }]) => retired === 0);
  const first = markets.find(([address]) => address === asked) ?? markets[0];
  const [picked, pick] = useState<Address | undefined>(first?.[0]);
  const [typed, type] = useState(DEFAULT_TIMEOUT);
  const [draft, setDraft] = useState<Draft>({ problem: "Write what the job runs" });
  const [posted, setPosted] = useState<Address | undefined>(undefined);
  const { state, start } = useAction();

  const chosen = picked ?? first?.[0];
  const market = chosen && ledger.markets.get(chosen);
  const [config] = ledger.jobsConfig.values();
  const { quote, current, accept } = useQuote(chosen, market, config);
  const timeout = parseSeconds(typed);
  const blocker = findTermsBlocker(market, config, quote, timeout) ?? findDraftBlocker(draft);

  const post = (event: SubmitEvent) => {
    event.preventDefault();
    if (blocker !== undefined || "problem" in draft || !quote || timeout === undefined) return;
    // The limit is the price that is shown, whatever the market's price is by now.
    const terms = { market: quote.market, maxPricePerSecond: quote.pricePerSecond };
    setPosted(undefined);
    start("Post the job", async (client) => {
      const request = { ...terms, timeoutSeconds: timeout };
      const listed =
        "stored" in draft
          ? await client.listJob({ ...request, definition: draft.stored })
          : await client.postJob({ ...request, definition: draft.definition });
      setPosted(listed.job);
      return listed;
    });
  };

  return (
    <>
      <PageHead title="Post a job" />
      <form class="columns" onSubmit={post}>
        <Card title="What it runs">
          <DefinitionForm onChange={setDraft} />
          <p class="fine">
            Everybody can read what the job runs and its result: write no secrets into it.{" "}
            <code>nosana job run --private</code> sends them to the node only.
          </p>
          {settings.value.content === undefined && (
            <Note>
              Without a content endpoint the page cannot store a definition. Name one under{" "}
              <b>Connection</b>, or choose “Stored definition” and give its CID.
            </Note>
          )}
        </Card>
        <Card title="Where, and for how long">
          {asked !== undefined && first?.[0] !== asked && (
            <Note tone="bad">The market of this address is not open; another one is chosen.</Note>
          )}
          <label>
            Market
            <select
              name="market"
              value={chosen ?? ""}
              onChange={({ currentTarget: { value } }) => isAddress(value) && pick(value)}
            >
              {markets.map(([address, { terms }]) => (
                <option key={address} value={address}>
                  {shortAddress(address, 8)}, {hourlyPrice(terms.pricePerSecond)} NOS an hour
                </option>
              ))}
            </select>
          </label>
          <label>
            Longest paid time, in seconds
            <input
              name="timeout"
              type="number"
              required
              min={String(market?.terms.minTimeoutSeconds ?? 1n)}
              max={String(market?.terms.maxTimeoutSeconds ?? 1n)}
              step="1"
              value={typed}
              onInput={({ currentTarget: { value } }) => type(value)}
            />
          </label>
          {quote && <QuoteFacts quote={quote} timeoutSeconds={timeout ?? 0n} />}
          {quote && current && isDearer(current, quote) && (
            <DearerNote seen={quote} current={current} onAccept={accept} />
          )}
          {market && market.announcedFrom > 0n && (
            <Note>
              The market has announced other terms, for jobs that are listed after they apply:{" "}
              <Countdown endsAt={market.announcedFrom} />
            </Note>
          )}
          {blocker !== undefined && <Note>{blocker}.</Note>}
          <div class="buttons">
            <button
              type="submit"
              class="primary"
              disabled={blocker !== undefined || state.kind === "running"}
            >
              Pay the deposit and post
            </button>
          </div>
          <ActionResult state={state} />
          {posted !== undefined && state.kind === "done" && (
            <Note tone="good">
              Your job is <AddressLink to="job" address={posted} />
            </Note>
          )}
        </Card>
      </form>
    </>
  );
}

/** Why the job cannot be posted yet. */
function findDraftBlocker(draft: Draft): string | undefined {
  if ("problem" in draft) return draft.problem;
  if (!("stored" in draft) && settings.value.content === undefined) {
    return "A content endpoint is required to store the definition";
  }
  return session.value ? undefined : "Connect a wallet to pay the deposit";
}
