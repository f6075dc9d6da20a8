/** `events.ts` of a program: a table of discriminators, and the decoder that uses it. */

import type { EventModel, ProgramModel } from "./program.ts";

/** Returns the page. */
export function renderEvents({ program, events }: ProgramModel): string {
  const prefix = program.name.slice(0, 1).toUpperCase() + program.name.slice(1);
  const constant = program.name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  const imports = events.flatMap(({ type }) => [`get${type}Decoder`, `type ${type}`]);

  return `
import { getBase16Decoder, type ReadonlyUint8Array } from "@solana/kit";
import { ${imports.join(", ")} } from "./types";

/** An event of the program, by its name in the IDL. */
export type ${prefix}Event = ${events.map((event) => renderVariant(event)).join(" | ")};

/** The decoders of the events, by the first eight bytes of the logged data, in hexadecimal. */
export const ${constant}_EVENTS = {
${events.map((event) => renderRow(event)).join("\n")}
} as const;

/**
 * Decodes data that the program logged; returns undefined if they are not an event that this client
 * knows.
 */
export function decode${prefix}Event(data: ReadonlyUint8Array): ${prefix}Event | undefined {
  const table: Record<string, { name: string; getDecoder: () => { fixedSize: number; decode: Function } }> =
    ${constant}_EVENTS;
  const event = table[getBase16Decoder().decode(data.slice(0, 8))];
  const decoder = event?.getDecoder();
  if (!event || !decoder || data.length < 8 + decoder.fixedSize) return undefined;

  return { name: event.name, data: decoder.decode(data, 8) } as ${prefix}Event;
}
`;
}

function renderVariant({ name, type }: EventModel): string {
  return `{ name: "${name}"; data: ${type} }`;
}

function renderRow({ name, type, discriminator }: EventModel): string {
  return `  "${discriminator}": { name: "${name}", getDecoder: get${type}Decoder },`;
}
