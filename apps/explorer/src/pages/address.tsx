/** Any address: what it is, and which roles it has. */

import { isAddress, type Address } from "@solana/kit";

import { AccountFacts } from "../components/accountFacts.tsx";
import { Card, Facts } from "../components/card.tsx";
import { JobsTable } from "../components/jobsTable.tsx";
import { Empty, Problem } from "../components/notices.tsx";
import { PageHead } from "../components/pageHead.tsx";
import { StakeCard, useStakeAddresses } from "../components/stakeCard.tsx";
import { Timeline } from "../components/timeline.tsx";
import { AddressLink, Amount, Badge } from "../components/values.tsx";
import { accountKindOf, findRoles } from "../data/roles.ts";
import { ledger } from "../data/ledger.ts";
import { useBalances } from "../data/useBalances.ts";
import { useHistory } from "../data/useHistory.ts";
import { groupDigits } from "../format/amount.ts";
import { lineText } from "../format/text.ts";

export function AddressPage({ id }: { id: string }) {
  if (!isAddress(id)) {
    return (
      <Problem title="This is not an address">
        <bdi class="mono">{lineText(id)}</bdi> is not an address of Solana. Check that it is
        complete.
      </Problem>
    );
  }
  return <KnownAddress key={id} address={id} />;
}

function KnownAddress({ address }: { address: Address }) {
  const history = useHistory(address);
  const stakeAddresses = useStakeAddresses(address);
  const kind = accountKindOf(address);
  const roles = findRoles(address);
  const jobs = [...ledger.jobs.entries()].filter(
    ([, { client, payer }]) => client === address || payer === address,
  );
  const hasStake = stakeAddresses && ledger.stakes.get(stakeAddresses.stake);

  return (
    <>
      <PageHead
        title="Address"
        address={address}
        badges={[...new Set([...(kind ? [kind] : []), ...roles.map(({ name }) => name)])].map(
          (name) => (
            <Badge key={name} tone="quiet">
              {name}
            </Badge>
          ),
        )}
      />
      <div class="columns">
        <div>
          {kind !== undefined && <AccountFacts address={address} kind={kind} />}
          {jobs.length > 0 && (
            <Card title="Jobs as client or payer">
              <JobsTable caption="Its jobs whose accounts are open" jobs={jobs} empty="None." />
            </Card>
          )}
          <Card title="Transactions">
            <Timeline address={address} history={history} />
          </Card>
        </div>
        <div>
          <Card title="Roles">
            {roles.length === 0 && kind === undefined && (
              <Empty>It has no role in the marketplace that an open account shows.</Empty>
            )}
            <Facts
              rows={roles.map(
                ({ name, page, account }) =>
                  [
                    name,
                    page ? <AddressLink to={page} address={account} /> : groupDigits(account),
                  ] as const,
              )}
            />
          </Card>
          <Balances owner={address} />
          {hasStake && <StakeCard owner={address} />}
        </div>
      </div>
    </>
  );
}

function Balances({ owner }: { owner: Address }) {
  const balances = useBalances(owner);
  return (
    <Card title="Wallet">
      {balances === undefined ? (
        <Empty>Reading the balances…</Empty>
      ) : (
        <Facts
          rows={[
            ["NOS", <Amount value={balances.nos} />],
            ["SOL", `${balances.sol} SOL`],
          ]}
        />
      )}
    </Card>
  );
}
