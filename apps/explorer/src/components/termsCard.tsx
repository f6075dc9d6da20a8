/** The terms of a market in words, and those that it has announced. */

import type { Market } from "@nosana-programs/client/jobs";

import { durationText, momentText } from "../format/time.ts";
import { changedTerms, describeTerms } from "../format/terms.ts";
import { Card, Facts } from "./card.tsx";
import { AddressLink, Countdown } from "./values.tsx";

export function TermsCard({ market }: { market: Market }) {
  const { terms, announced, announcedFrom, noticeSeconds, authority } = market;
  return (
    <Card title="Terms">
      <Facts rows={describeTerms(terms)} />
      <Facts
        rows={[
          ["Changes", `Are announced ${durationText(noticeSeconds)} before they apply`],
          ["Authority", <AddressLink to="address" address={authority} />],
        ]}
      />
      {announcedFrom > 0n && (
        <div class="announced">
          <h3>Announced terms</h3>
          <p>
            From {momentText(announcedFrom)} anyone may apply them:{" "}
            <Countdown endsAt={announcedFrom} />
          </p>
          <Facts rows={changedTerms(terms, announced)} />
        </div>
      )}
    </Card>
  );
}
