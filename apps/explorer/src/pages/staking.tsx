/** Staking and rewards: the pool, its positions, stakes and streams. */

import { Card, Stat, Stats } from "../components/card.tsx";
import { EventList } from "../components/eventList.tsx";
import { PageHead } from "../components/pageHead.tsx";
import { PositionsTable } from "../components/positionsTable.tsx";
import { Projection } from "../components/projection.tsx";
import { StakeActions } from "../components/stakeActions.tsx";
import { StakesTable } from "../components/stakesTable.tsx";
import { StreamsTable } from "../components/streamsTable.tsx";
import { Problem } from "../components/notices.tsx";
import { Amount, Countdown } from "../components/values.tsx";
import { now } from "../data/chainClock.ts";
import { feed } from "../data/feed.ts";
import { ledger } from "../data/ledger.ts";
import { countText } from "../format/amount.ts";
import { durationText } from "../format/time.ts";
import { advancePool, type PoolState } from "../rules/rewards.ts";

export function StakingPage() {
  const [stored] = ledger.pool.values();
  if (!stored) {
    return (
      <Problem title="The network has no reward pool">
        The rewards program is not initialized on this network. Choose another one with{" "}
        <b>Connection</b>.
      </Problem>
    );
  }
  const pool = advancePool(stored, now.value);

  return (
    <>
      <PageHead title="Staking and rewards" />
      <PoolStats pool={pool} />
      <div class="columns">
        <div>
          <Card title="Positions in the pool">
            <PositionsTable pool={pool} />
          </Card>
          <Card title="Stakes">
            <StakesTable />
          </Card>
          <Card title="Emission streams">
            <StreamsTable />
          </Card>
        </div>
        <div>
          <StakeActions />
          <Projection pool={pool} />
          <Card title="Slashes and other events of stakers">
            <EventList
              entries={feed.value.filter(({ event }) => isOfStakers(event))}
              limit={20}
              empty="No recent event of staking or rewards."
            />
          </Card>
        </div>
      </div>
    </>
  );
}

/** Collateral is locked for jobs, and released by nodes: stakers need not see it. */
function isOfStakers({ program, name }: { program: string; name: string }): boolean {
  return program !== "jobs" && name !== "CollateralChanged";
}

function PoolStats({ pool }: { pool: PoolState }) {
  const epochEnd = (pool.updated / pool.epochSeconds + 1n) * pool.epochSeconds;
  let staked = 0n;
  let delegated = 0n;
  for (const stake of ledger.stakes.values()) {
    staked += stake.amount - stake.withdrawn;
    delegated += stake.delegated;
  }

  return (
    <Stats>
      <Stat
        label="Paid in this epoch"
        value={<Amount value={pool.stream} />}
        hint={`an epoch is ${durationText(pool.epochSeconds)}`}
      />
      <Stat label="Epoch ends" value={<Countdown endsAt={epochEnd} />} />
      <Stat
        label="Waits for the next epoch"
        value={<Amount value={pool.pending} />}
        hint="fees and donations counted so far"
      />
      <Stat
        label="Weight in the pool"
        value={<Amount value={pool.totalWeight} unit="xNOS" />}
        hint={countText(ledger.positions.size, "position")}
      />
      <Stat
        label="Staked"
        value={<Amount value={staked} />}
        hint={
          <>
            and <Amount value={delegated} /> delegated
          </>
        }
      />
    </Stats>
  );
}
