/** The books of a market: what its vault holds, against the sum of what it owes. */

import type { Market } from "@nosana-programs/client/jobs";
import type { Address } from "@solana/kit";
import { useEffect, useState } from "preact/hooks";

import type { JobBrief } from "../data/jobBrief.ts";
import { ledger } from "../data/ledger.ts";
import { connection } from "../data/network.ts";
import type { QueueBrief } from "../data/queueBrief.ts";
import { exactText } from "../format/amount.ts";
import { marketDebts, totalDebt } from "../rules/books.ts";
import { Card } from "./card.tsx";
import { AddressLink, Badge } from "./values.tsx";

interface BooksProps {
  address: Address;
  market: Market;
  queue: QueueBrief | undefined;
  jobs: readonly (readonly [Address, JobBrief])[];
}

/** Changes come in several notices: the vault is read once they have all arrived. */
const SETTLE_MS = 400;

export function BooksCard({ address, market, queue, jobs }: BooksProps) {
  const disputes = [...ledger.disputes.values()].filter((dispute) => dispute.market === address);
  const debts = marketDebts(
    jobs.map(([, job]) => job),
    disputes,
    queue?.feesAccrued ?? 0n,
    market.deposit,
  );
  const owed = totalDebt(debts);
  const balance = useVaultBalance(market.vault, owed);

  return (
    <Card title="Books" aside={<Verdict balance={balance} owed={owed} />}>
      <table class="books">
        <caption>What the vault owes, and what it holds, in NOS</caption>
        <tbody>
          <Line name="Escrow of open jobs" amount={debts.escrow} />
          <Line name="Credits of settled jobs" amount={debts.credits} />
          <Line name="Bonds and fees of disputes" amount={debts.disputes} />
          <Line name="Fees for the stakers, not swept yet" amount={debts.fees} />
          <Line name="Deposit of the market" amount={debts.deposit} />
          <Line name="Owed" amount={owed} isSum />
          <Line name="In the vault" amount={balance} isSum />
          {balance !== undefined && balance > owed && (
            <Line name="Sent by others, owed to nobody" amount={balance - owed} />
          )}
        </tbody>
      </table>
      <p class="fine">
        Vault <AddressLink to="address" address={market.vault} />
      </p>
    </Card>
  );
}

function Line(props: { name: string; amount: bigint | undefined; isSum?: boolean }) {
  return (
    <tr class={props.isSum ? "sum" : undefined}>
      <th scope="row">{props.name}</th>
      <td class="number">{props.amount === undefined ? "…" : exactText(props.amount)}</td>
    </tr>
  );
}

function Verdict({ balance, owed }: { balance: bigint | undefined; owed: bigint }) {
  if (balance === undefined) return <Badge tone="quiet">Checking</Badge>;
  if (balance >= owed) return <Badge tone="good">Covered</Badge>;
  return <Badge tone="bad">{exactText(owed - balance)} missing</Badge>;
}

/**
 * Reads the vault at first, and again after what it owes has changed; undefined until the reading
 * belongs to the debts.
 */
function useVaultBalance(vault: Address, owed: bigint): bigint | undefined {
  const [reading, setReading] = useState<{ owed: bigint; balance: bigint } | undefined>(undefined);

  useEffect(() => {
    let isCurrent = true;
    const read = async () => {
      const { rpc } = connection();
      const { value } = await rpc.getTokenAccountBalance(vault, { commitment: "confirmed" }).send();
      if (isCurrent) setReading({ owed, balance: BigInt(value.amount) });
    };
    // Without an answer the verdict stays open; the header shows that the network does not answer.
    const timer = setTimeout(() => void read().catch(() => {}), SETTLE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [vault, owed]);

  return reading?.owed === owed ? reading.balance : undefined;
}
