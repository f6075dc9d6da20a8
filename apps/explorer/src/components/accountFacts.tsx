/** All fields of an account of the programs. */

import { isSet, NO_ADDRESS, toContentId } from "@nosana-programs/client";
import { isAddress, type Address } from "@solana/kit";

import { fullAccount } from "../data/ledger.ts";
import { tableOf } from "../data/roles.ts";
import { groupDigits } from "../format/amount.ts";
import { nameWords } from "../format/words.ts";
import { Card, Facts } from "./card.tsx";
import { AddressLink } from "./values.tsx";

/** Fields without a meaning for readers. */
const HIDDEN = /^(discriminator|padding.*|reserved|bump|version|cells|slots|seats)$/;
const DIGEST_BYTES = 32;

export function AccountFacts({ address, kind }: { address: Address; kind: string }) {
  const table = tableOf(address);
  const account = table && fullAccount(table, address);
  if (!account) return null;

  const fields = Object.entries(account).filter(
    ([name, value]) => !HIDDEN.test(name) && !isNested(value),
  );
  return (
    <Card title={kind}>
      <Facts
        rows={fields.map(([name, value]) => [nameWords(name), <Field value={value} />] as const)}
      />
      <p class="fine">As the account holds them: amounts in base units, times in unix seconds.</p>
    </Card>
  );
}

/** Terms and endpoints have fields of their own. */
function isNested(value: unknown): boolean {
  return typeof value === "object" && !(value instanceof Uint8Array);
}

function Field({ value }: { value: unknown }) {
  if (typeof value === "bigint" || typeof value === "number") return <>{groupDigits(value)}</>;
  if (value instanceof Uint8Array) {
    const text = value.length === DIGEST_BYTES && isSet(value) ? toContentId(value) : "–";
    return <span class="mono cid">{text}</span>;
  }
  if (typeof value === "string" && isAddress(value)) {
    return value === NO_ADDRESS ? <>–</> : <AddressLink to="address" address={value} />;
  }
  return <>{String(value)}</>;
}
