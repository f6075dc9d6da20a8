/** A transaction: what it called, and what happened. */

import { isSignature } from "@solana/kit";
import { useEffect, useState } from "preact/hooks";

import { Card, Facts } from "../components/card.tsx";
import { EventFields } from "../components/eventFields.tsx";
import { Empty, Note, Problem } from "../components/notices.tsx";
import { PageHead } from "../components/pageHead.tsx";
import { AddressLink, Badge } from "../components/values.tsx";
import { readTransaction, type PastTransaction } from "../data/history.ts";
import { groupDigits } from "../format/amount.ts";
import { lineText } from "../format/text.ts";
import { momentText } from "../format/time.ts";

type Found = PastTransaction | "missing" | { why: string } | undefined;

export function TransactionPage({ id }: { id: string }) {
  const [found, setFound] = useState<Found>(undefined);

  useEffect(() => {
    if (!isSignature(id)) return setFound("missing");
    let isCurrent = true;
    readTransaction(id).then(
      (read) => isCurrent && setFound(read ?? "missing"),
      (error: unknown) => isCurrent && setFound({ why: String(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [id]);

  if (found === "missing") {
    return (
      <Problem title="The node does not have this transaction">
        Nodes delete old transactions. Check the signature, or ask another RPC server with{" "}
        <b>Connection</b>.
      </Problem>
    );
  }
  if (found && "why" in found) {
    return (
      <Problem title="The transaction cannot be read">
        {lineText(found.why, 1_000)}. Reload to try again.
      </Problem>
    );
  }
  return (
    <>
      <PageHead
        title="Transaction"
        address={id}
        badges={found && <Outcome hasFailed={found.hasFailed} />}
      />
      {found === undefined ? (
        <Empty>Reading the transaction…</Empty>
      ) : (
        <Known transaction={found} />
      )}
    </>
  );
}

function Outcome({ hasFailed }: { hasFailed: boolean }) {
  return hasFailed ? <Badge tone="bad">Failed</Badge> : <Badge tone="good">Succeeded</Badge>;
}

function Known({ transaction }: { transaction: PastTransaction }) {
  const { at, slot, payer, feeLamports, instructions, events } = transaction;
  return (
    <div class="columns">
      <div>
        <Card title="Events">
          {events.length === 0 && <Empty>It emitted no event of the three programs.</Empty>}
          {events.map((event, index) => (
            <EventFields key={index} event={event} />
          ))}
        </Card>
      </div>
      <div>
        <Card title="Transaction">
          <Facts
            rows={[
              ["Time", at === undefined ? "unknown" : `${momentText(at)} UTC`],
              ["Slot", groupDigits(slot)],
              ["Fee", `${groupDigits(feeLamports)} lamports`],
              ["Paid by", <AddressLink to="address" address={payer ?? ""} />],
            ]}
          />
        </Card>
        <Card title="Instructions">
          <ol class="rights">
            {instructions.map(({ program, name }, index) => (
              <li key={index}>
                <code>{name}</code> of <AddressLink to="address" address={program} />
              </li>
            ))}
          </ol>
          {transaction.hasFailed && (
            <Note tone="bad">It failed, so nothing of it happened but its fee.</Note>
          )}
        </Card>
      </div>
    </div>
  );
}
