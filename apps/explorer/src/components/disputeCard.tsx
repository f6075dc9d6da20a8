/** A dispute about a job's result. */

import { NO_ADDRESS } from "@nosana-programs/client";
import { DisputePhase, SeatState, Verdict, type Dispute } from "@nosana-programs/client/jobs";
import type { Address } from "@solana/kit";

import { nameWords, OUTCOME_WORDS, PHASE_WORDS } from "../format/words.ts";
import { Card, Facts } from "./card.tsx";
import { AddressLink, Amount, Countdown, Moment } from "./values.tsx";

export function DisputeCard({ address, dispute }: { address: Address; dispute: Dispute }) {
  const { phase, endsAt, outcome, challenger, panelFee, collateral, challengedAt } = dispute;
  const seats = dispute.seats.filter(({ node }) => node !== NO_ADDRESS);
  return (
    <Card title="Dispute">
      <Facts
        rows={[
          ["Phase", PHASE_WORDS[phase]],
          phase < DisputePhase.Over && ["Ends", <Countdown endsAt={endsAt} />],
          ["Outcome", OUTCOME_WORDS[outcome]],
          ["Challenged", <Moment at={challengedAt} />],
          ["Challenger", <AddressLink to="address" address={challenger} />],
          ["Bond", <Amount value={4n * panelFee} />],
          ["Collateral of each party", <Amount value={collateral} />],
          ["Account", <AddressLink to="address" address={address} />],
        ]}
      />
      <ol class="rights" aria-label="Panel">
        {seats.map(({ node, state, verdict, fee, loss }) => (
          <li key={node}>
            <AddressLink to="node" address={node} /> {nameWords(SeatState[state]).toLowerCase()}
            {verdict !== Verdict.None && `, says ${nameWords(Verdict[verdict]).toLowerCase()}`}
            {fee > 0n && (
              <>
                , gets <Amount value={fee} />
              </>
            )}
            {loss > 0n && (
              <>
                , loses <Amount value={loss} />
              </>
            )}
          </li>
        ))}
        {seats.length === 0 && <li>Nobody has taken a seat yet.</li>}
      </ol>
    </Card>
  );
}
