/** Events, the newest first. */

import { NO_ADDRESS, type NosanaEvent } from "@nosana-programs/client";

import type { FeedEntry } from "../data/feed.ts";
import { eventText, eventTone } from "../format/events.ts";
import { nameWords } from "../format/words.ts";
import type { LinkTarget } from "../routes.ts";
import { Empty } from "./notices.tsx";
import { AddressLink, Badge, Moment } from "./values.tsx";

interface EventListProps {
  entries: readonly FeedEntry[];
  limit: number;
  empty: string;
}

export function EventList({ entries, limit, empty }: EventListProps) {
  if (entries.length === 0) return <Empty>{empty}</Empty>;
  return (
    <ol class="events" aria-label="Events, the newest first">
      {entries.slice(0, limit).map(({ key, signature, at, event }) => (
        <li key={key}>
          <div class="line">
            <Badge tone={eventTone(event)}>{nameWords(event.name)}</Badge>
            <EventSubject event={event} />
            <a class="when" href={`#/tx/${signature}`} title="The transaction">
              <Moment at={at} />
              <span class="hidden">, transaction</span>
            </a>
          </div>
          <div class="text">{eventText(event)}</div>
        </li>
      ))}
    </ol>
  );
}

/** The field that an event is about first, and the page that it has. */
const SUBJECTS: readonly (readonly [string, LinkTarget])[] = [
  ["job", "job"],
  ["node", "node"],
  ["market", "market"],
  ["owner", "address"],
  ["delegator", "address"],
  ["stream", "address"],
  ["dispute", "address"],
];

function EventSubject({ event }: { event: NosanaEvent }) {
  const fields = event.data as Record<string, unknown>;
  for (const [field, page] of SUBJECTS) {
    const address = fields[field];
    if (typeof address === "string" && address !== NO_ADDRESS) {
      return <AddressLink to={page} address={address} />;
    }
  }
  return null;
}
