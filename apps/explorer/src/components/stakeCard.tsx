/** The stake of an owner: what is staked, what is locked, and its position in the pool. */

import { findNodeAddress, findPositionAddress, findStakeAddress } from "@nosana-programs/client";
import type { Address } from "@solana/kit";
import { useEffect, useState } from "preact/hooks";

import { now } from "../data/chainClock.ts";
import { ledger } from "../data/ledger.ts";
import { rateText } from "../format/amount.ts";
import { durationText } from "../format/time.ts";
import { advancePool, claimable } from "../rules/rewards.ts";
import { withdrawable, withoutIdle } from "../rules/stake.ts";
import { Card, Facts } from "./card.tsx";
import { Empty } from "./notices.tsx";
import { AddressLink, Amount, Countdown } from "./values.tsx";

export function StakeCard({ owner, title = "Stake" }: { owner: Address; title?: string }) {
  const addresses = useStakeAddresses(owner);
  const stake = addresses && ledger.stakes.get(addresses.stake);
  if (!stake) {
    return (
      <Card title={title}>
        <Empty>This wallet has no stake.</Empty>
      </Card>
    );
  }

  const isUnstaked = stake.unstakedAt > 0n;
  const kept = stake.amount - stake.withdrawn;
  const node = ledger.nodes.get(addresses.node);
  const idle = node?.idleCollateral ?? 0n;
  const used = withoutIdle(stake, idle);
  return (
    <Card title={title}>
      <Facts
        rows={[
          ["Staked", <Amount value={kept} />],
          ["Locked as collateral", <Amount value={stake.locked} />],
          node !== undefined && ["Idle of that, until released", <Amount value={idle} />],
          ["Free as collateral", <Amount value={isUnstaked ? 0n : kept - used.locked} />],
          ["Weight", <Amount value={stake.xnos} unit="xNOS" />],
          ["Cooldown", durationText(stake.durationSeconds)],
          isUnstaked && [
            "Cooldown ends",
            <Countdown endsAt={stake.unstakedAt + stake.durationSeconds} />,
          ],
          isUnstaked && ["Withdrawable now", <Amount value={withdrawable(used, now.value)} />],
          ["Slashed so far", <Amount value={stake.slashed} />],
          stake.delegated > 0n && ["Delegated to it", <Amount value={stake.delegated} />],
          stake.acceptsDelegation !== 0 && [
            "Accepts delegations",
            `for a commission of ${rateText(stake.commissionBps)}`,
          ],
          ["Rewards to claim", <Claimable position={addresses.position} />],
          ["Owner", <AddressLink to="address" address={owner} />],
        ]}
      />
    </Card>
  );
}

/** What a position may claim now, by the protocol's own formula. */
export function Claimable({ position: address }: { position: Address }) {
  const [pool] = ledger.pool.values();
  const position = ledger.positions.get(address);
  if (!pool || !position) return <>not in the pool</>;
  return <Amount value={claimable(advancePool(pool, now.value), position)} />;
}

interface StakeAddresses {
  owner: Address;
  stake: Address;
  position: Address;
  node: Address;
}

/** The addresses of an owner's stake, position and node; undefined until they are computed. */
export function useStakeAddresses(owner: Address) {
  const [found, setFound] = useState<StakeAddresses | undefined>(undefined);

  useEffect(() => {
    let isCurrent = true;
    const find = async () => {
      const [stake, position, node] = await Promise.all([
        findStakeAddress(owner),
        findPositionAddress(owner),
        findNodeAddress(owner),
      ]);
      if (isCurrent) setFound({ owner, stake, position, node });
    };
    void find();
    return () => {
      isCurrent = false;
    };
  }, [owner]);

  // Until they are computed, what was found is another owner's.
  return found?.owner === owner ? found : undefined;
}
