/** What a job costs at most, before anything is paid. */

import { jobDeposit } from "@nosana-programs/client";
import type { Market } from "@nosana-programs/client/jobs";

import { ledger } from "../data/ledger.ts";
import { useBalances } from "../data/useBalances.ts";
import { hourlyPrice, rateText } from "../format/amount.ts";
import { durationText } from "../format/time.ts";
import { session } from "../wallet/session.ts";
import { Facts } from "./card.tsx";
import { Note } from "./notices.tsx";
import { Amount } from "./values.tsx";

export function QuoteFacts({ market, timeoutSeconds }: { market: Market; timeoutSeconds: bigint }) {
  const [config] = ledger.jobsConfig.values();
  const balances = useBalances(session.value?.signer.address);
  if (!config) return null;

  const { pricePerSecond } = market.terms;
  const deposit = jobDeposit(pricePerSecond, timeoutSeconds, config.networkFeeBps);
  return (
    <>
      <Facts
        rows={[
          ["Price", `${hourlyPrice(pricePerSecond)} NOS an hour`],
          ["Paid time", `at most ${durationText(timeoutSeconds)}`],
          ["Network’s fee", rateText(config.networkFeeBps)],
          ["Deposit", <Amount value={deposit} />],
          balances !== undefined && ["Your wallet has", <Amount value={balances.nos} />],
        ]}
      />
      <p class="fine">What the run does not use comes back when it ends.</p>
      {balances !== undefined && balances.nos < deposit && (
        <Note tone="bad">Your wallet has less than the deposit.</Note>
      )}
    </>
  );
}
