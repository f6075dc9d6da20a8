/** An event with all its fields. */

import type { NosanaEvent } from "@nosana-programs/client";
import { isSet, NO_ADDRESS, toContentId } from "@nosana-programs/client";
import { isAddress } from "@solana/kit";

import { groupDigits, rateText } from "../format/amount.ts";
import { eventText, eventTone } from "../format/events.ts";
import { momentText } from "../format/time.ts";
import {
  CAUSE_WORDS,
  KIND_WORDS,
  nameWords,
  OUTCOME_WORDS,
  REASON_WORDS,
} from "../format/words.ts";
import type { LinkTarget } from "../routes.ts";
import { Facts } from "./card.tsx";
import { AddressLink, Amount, Badge } from "./values.tsx";

export function EventFields({ event }: { event: NosanaEvent }) {
  return (
    <section class="operation" aria-label={nameWords(event.name)}>
      <p>
        <Badge tone={eventTone(event)}>{nameWords(event.name)}</Badge> {eventText(event)}
      </p>
      <Facts
        rows={Object.entries(event.data).map(
          ([name, value]) =>
            [
              nameWords(name),
              <FieldValue program={event.program} name={name} value={value} />,
            ] as const,
        )}
      />
    </section>
  );
}

const PAGES: Record<string, LinkTarget> = { job: "job", node: "node", market: "market" };
/** The value of a missing cell. */
const NONE = 2n ** 64n - 1n;
/** Enumerations of the jobs program, by the names of the fields. */
const WORDS: Record<string, Record<number, string>> = {
  reason: REASON_WORDS,
  cause: CAUSE_WORDS,
  kind: KIND_WORDS,
  outcome: OUTCOME_WORDS,
};
interface FieldProps {
  program: NosanaEvent["program"];
  name: string;
  value: unknown;
}

/** Names of fields that are base units, and of those that are times. */
const IS_AMOUNT =
  /mount$|escrow|budget|bond|fee$|slashed|burned|bounty|locked|pricePerSecond|pending|xnos/i;
const IS_TIME = /At$|^at$|^from$|^deadline$|^start$|^end$/;

function FieldValue({ program, name, value }: FieldProps) {
  if (value instanceof Uint8Array) {
    return <span class="mono cid">{isSet(value) ? toContentId(value) : "–"}</span>;
  }
  if (typeof value === "string") {
    if (value === NO_ADDRESS) return <>–</>;
    return isAddress(value) ? (
      <AddressLink to={PAGES[name] ?? "address"} address={value} />
    ) : (
      <>{value}</>
    );
  }
  if (typeof value === "number") return <>{groupDigits(value)}</>;
  if (typeof value !== "bigint") return <>{String(value)}</>;
  if (value === NONE) return <>–</>;
  const words = program === "jobs" ? WORDS[name]?.[Number(value)] : undefined;
  if (words !== undefined) return <>{words}</>;
  if (name.endsWith("Bps")) return <>{rateText(value)}</>;
  if (IS_TIME.test(name)) return <>{value === 0n ? "–" : `${momentText(value)} UTC`}</>;
  return IS_AMOUNT.test(name) ? <Amount value={value} /> : <>{groupDigits(value)}</>;
}
