/** What a stake would earn: its weight, and its share of an epoch. */

import { parseNos } from "@nosana-programs/client";
import { useState } from "preact/hooks";

import { rateText } from "../format/amount.ts";
import { epochReward, type PoolState } from "../rules/rewards.ts";
import { stakeWeight } from "../rules/stake.ts";
import { Card, Facts } from "./card.tsx";
import { Note } from "./notices.tsx";
import { Amount } from "./values.tsx";

const DAY = 86_400n;

export function Projection({ pool }: { pool: PoolState }) {
  const [amount, setAmount] = useState("1000");
  const [days, setDays] = useState(365);
  const planned = parseAmount(amount);

  return (
    <Card title="What a stake would earn">
      <div class="fields">
        <label>
          NOS
          <input
            inputmode="decimal"
            value={amount}
            onInput={(event) => setAmount(event.currentTarget.value)}
          />
        </label>
        <label>
          Cooldown, {days} days
          <input
            type="range"
            min="14"
            max="365"
            value={days}
            onInput={(event) => setDays(Number(event.currentTarget.value))}
          />
        </label>
      </div>
      {planned === undefined ? (
        <Note tone="bad">Enter an amount such as 1000 or 12.5.</Note>
      ) : (
        <Earnings pool={pool} weight={stakeWeight(planned, BigInt(days) * DAY)} />
      )}
    </Card>
  );
}

function Earnings({ pool, weight }: { pool: PoolState; weight: bigint }) {
  const total = pool.totalWeight + weight;
  const share = total === 0n ? 0n : (weight * 10_000n) / total;
  return (
    <>
      <Facts
        rows={[
          ["Weight", <Amount value={weight} unit="xNOS" />],
          ["Share of the pool", rateText(share)],
          ["In an epoch like this one", <Amount value={epochReward(pool.stream, weight, total)} />],
          ["In the next one", <Amount value={epochReward(pool.pending, weight, total)} />],
        ]}
      />
      <p class="fine">
        If nobody else enters or leaves. The next epoch pays what waits now, and what is counted
        until it begins.
      </p>
    </>
  );
}

/** Base units of a typed amount; undefined if it is none. */
export function parseAmount(text: string): bigint | undefined {
  try {
    return parseNos(text.trim());
  } catch {
    return undefined;
  }
}
