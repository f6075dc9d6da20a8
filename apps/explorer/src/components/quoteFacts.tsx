/** What a job costs at most, before anything is paid. */

import { useBalances } from "../data/useBalances.ts";
import { hourlyPrice, rateText } from "../format/amount.ts";
import { durationText } from "../format/time.ts";
import { quoteDeposit, type Quote } from "../rules/quote.ts";
import { session } from "../wallet/session.ts";
import { Facts } from "./card.tsx";
import { Note } from "./notices.tsx";
import { Amount } from "./values.tsx";

export function QuoteFacts({ quote, timeoutSeconds }: { quote: Quote; timeoutSeconds: bigint }) {
  const balances = useBalances(session.value?.signer.address);
  const deposit = quoteDeposit(quote, timeoutSeconds);
  return (
    <>
      <Facts
        rows={[
          ["Highest price", `${hourlyPrice(quote.pricePerSecond)} NOS an hour`],
          ["Paid time", `at most ${durationText(timeoutSeconds)}`],
          ["Network’s fee", rateText(quote.feeBps)],
          ["Deposit", <Amount value={deposit} />],
          balances !== undefined && ["Your wallet has", <Amount value={balances.nos} />],
        ]}
      />
      <p class="fine">
        You sign this price as a limit: if the market’s price is higher by then, nothing is paid.
        What the run does not use comes back when it ends, and the rent of the job’s account, in
        SOL, when the account is closed. The transaction’s fee in SOL does not come back.
      </p>
      {balances !== undefined && balances.nos < deposit && (
        <Note tone="bad">Your wallet has less than the deposit.</Note>
      )}
    </>
  );
}

/** Says that the market or the network asks more than before, and lets the client accept that. */
export function DearerNote(props: { seen: Quote; current: Quote; onAccept: () => void }) {
  const { seen, current, onAccept } = props;
  const words = ({ pricePerSecond, feeBps }: Quote) =>
    `${hourlyPrice(pricePerSecond)} NOS an hour with a fee of ${rateText(feeBps)}`;
  return (
    <div role="alert">
      <Note tone="bad">
        It costs more now: {words(current)}, not {words(seen)}.
      </Note>
      <button type="button" onClick={onAccept}>
        Use the new price
      </button>
    </div>
  );
}
