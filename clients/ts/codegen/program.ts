/** The IDL of a program, as Codama reads it, with each event as a type of its own. */

import { readFileSync } from "node:fs";

import { type AnchorIdl, rootNodeFromAnchor } from "@codama/nodes-from-anchor";
import {
  createFromRoot,
  definedTypeNode,
  type EventNode,
  type ProgramNode,
  type RootNode,
} from "codama";

/** The programs, by the names of their IDL files. */
export const PROGRAMS = ["jobs", "staking", "rewards"] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** A program and the discriminators of its events. */
export interface ProgramModel {
  root: RootNode;
  program: ProgramNode;
  events: EventModel[];
}

/** An event: the name of its type, and the bytes before its fields, in hexadecimal. */
export interface EventModel {
  /** The name in the IDL, such as `JobListed`. */
  name: string;
  /** The name of the TypeScript type, such as `JobListedEvent`. */
  type: string;
  discriminator: string;
}

/** Reads `idl/NAME.json`. */
export function readProgram(name: ProgramName): ProgramModel {
  const text = readFileSync(new URL(`../../../idl/${name}.json`, import.meta.url), "utf8");
  const read = createFromRoot(
    rootNodeFromAnchor(JSON.parse(text) as AnchorIdl),
  ).getRoot() as RootNode;

  const { events } = read.program;
  const types = events.map((event) => eventType(event));
  const program = { ...read.program, definedTypes: [...read.program.definedTypes, ...types] };

  return { root: { ...read, program }, program, events: events.map((event) => modelOf(event)) };
}

/**
 * Codama's renderer ignores events but renders types: the fields of the event, without its
 * discriminator.
 */
function eventType(event: EventNode) {
  if (event.data.kind !== "hiddenPrefixTypeNode")
    throw new Error(`the event ${event.name} has no discriminator`);
  return definedTypeNode({
    name: `${event.name}Event`,
    docs: event.docs ?? [],
    type: event.data.type,
  });
}

function modelOf(event: EventNode): EventModel {
  const name = capitalize(event.name);
  const [discriminator] = event.discriminators ?? [];
  if (
    discriminator?.kind !== "constantDiscriminatorNode" ||
    discriminator.constant.value.kind !== "bytesValueNode"
  ) {
    throw new Error(`the event ${event.name} has no discriminator of bytes`);
  }

  return { name, type: `${name}Event`, discriminator: discriminator.constant.value.data };
}

/** `jobListed` to `JobListed`. */
export function capitalize(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
