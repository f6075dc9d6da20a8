/** Posts a job from the page. */

import { findJobAddress, randomNonce } from "@nosana-programs/client";
import { isAddress, type Address } from "@solana/kit";
import { useState } from "preact/hooks";

import { ActionResult } from "../components/actionState.tsx";
import { Card } from "../components/card.tsx";
import { DefinitionForm } from "../components/definitionForm.tsx";
import { Note } from "../components/notices.tsx";
import { PageHead } from "../components/pageHead.tsx";
import { QuoteFacts } from "../components/quoteFacts.tsx";
import { AddressLink } from "../components/values.tsx";
import { ledger } from "../data/ledger.ts";
import { settings } from "../data/settings.ts";
import { hourlyPrice, shortAddress } from "../format/amount.ts";
import type { Draft } from "../format/definition.ts";
import { session } from "../wallet/session.ts";
import { useAction } from "../wallet/useAction.ts";

const DEFAULT_TIMEOUT = 600n;

export function PostPage({ market: asked }: { market: string | undefined }) {
  const markets = [...ledger.markets.entries()].filter(([, { retired }]) => retired === 0);
  const first = markets.find(([address]) => address === asked) ?? markets[0];
  const [chosen, choose] = useState<Address | undefined>(first?.[0]);
  const [timeout, setTimeout] = useState(DEFAULT_TIMEOUT);
  const [draft, setDraft] = useState<Draft>({ problem: "Write what the job runs" });
  const [posted, setPosted] = useState<Address | undefined>(undefined);
  const { state, start } = useAction();

  const market = chosen && ledger.markets.get(chosen);
  const blocker = findBlocker(draft, chosen);
  const post = (event: SubmitEvent) => {
    event.preventDefault();
    if (blocker !== undefined || "problem" in draft || !chosen || !market) return;
    const { pricePerSecond } = market.terms;
    setPosted(undefined);
    start("Post the job", async (client) => {
      const nonce = randomNonce();
      const request = {
        market: chosen,
        nonce,
        timeoutSeconds: timeout,
        maxPricePerSecond: pricePerSecond,
      };
      const listed =
        "stored" in draft
          ? await client.listJob({ ...request, definition: draft.stored })
          : await client.postJob({ ...request, definition: draft.definition });
      if (session.value) setPosted(await findJobAddress(session.value.signer.address, nonce));
      return listed;
    });
  };

  return (
    <>
      <PageHead title="Post a job" />
      <form class="columns" onSubmit={post}>
        <Card title="What it runs">
          <DefinitionForm onChange={setDraft} />
          {settings.value.content === undefined && (
            <Note>
              Without a content endpoint the page cannot store a definition. Name one under{" "}
              <b>Connection</b>, or choose “Stored definition” and give its CID.
            </Note>
          )}
        </Card>
        <Card title="Where, and for how long">
          <label>
            Market
            <select
              name="market"
              value={chosen ?? ""}
              onChange={({ currentTarget: { value } }) => isAddress(value) && choose(value)}
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
              value={String(timeout)}
              onInput={({ currentTarget: { value } }) => setTimeout(BigInt(value || "0"))}
            />
          </label>
          {market && <QuoteFacts market={market} timeoutSeconds={timeout} />}
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
function findBlocker(draft: Draft, market: Address | undefined): string | undefined {
  if (market === undefined) return "The network has no open market";
  if ("problem" in draft) return draft.problem;
  if (!("stored" in draft) && settings.value.content === undefined) {
    return "A content endpoint is required to store the definition";
  }
  return session.value ? undefined : "Connect a wallet to pay the deposit";
}
