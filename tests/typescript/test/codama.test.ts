/**
 * Codama, from which clients for `@solana/kit` and others are generated, reads every IDL without an error and without a
 * warning, and finds the accounts that it can. Needs no network.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mock, test } from "node:test";

import { rootNodeFromAnchor } from "@codama/nodes-from-anchor";
import { createFromRoot, type RootNode } from "codama";

import { readIdl } from "../src/client.ts";

const PROGRAMS = ["jobs", "staking", "rewards"] as const;
/** The page that states what Codama leaves to a caller. */
const PAGE = new URL("../../../docs/clients.md", import.meta.url);
/**
 * Bound of the accounts that a caller gives. Codama knows no relations between accounts, and none of its default values
 * reads an account, so that it derives only what the addresses and arguments of a call suffice for.
 */
const MAX_GIVEN = 157;

/** How an IDL says where an account comes from. */
interface AccountSource {
  relations?: string[];
  pda?: { seeds: { path?: string }[] };
}

/** Reads an IDL; fails if Codama prints anything. */
function readRoot(name: (typeof PROGRAMS)[number]): RootNode {
  const warn = mock.method(console, "warn", () => {});
  const error = mock.method(console, "error", () => {});
  try {
    const root = createFromRoot(rootNodeFromAnchor(readIdl(name) as never)).getRoot();
    const printed = [...warn.mock.calls, ...error.mock.calls].map((call) => call.arguments.join(" "));
    assert.deepEqual(printed, [], `Codama's warnings about idl/${name}.json`);
    return root as RootNode;
  } finally {
    mock.restoreAll();
  }
}

test("Codama takes every IDL without a warning", () => {
  for (const name of PROGRAMS) {
    const { program } = readRoot(name);
    const idl = readIdl(name);
    assert.equal(program.instructions.length, idl.instructions.length);
    assert.equal(program.accounts.length, idl.accounts?.length);
    assert.equal(program.errors.length, idl.errors?.length);
  }
});

test("Codama leaves to a caller what the page says: accounts for which it would have to read others", () => {
  const given: string[] = [];
  const counts = { all: 0, bare: 0, named: 0, seeded: 0 };
  for (const name of PROGRAMS) {
    const idl = readIdl(name);
    for (const [place, instruction] of readRoot(name).program.instructions.entries()) {
      for (const [index, account] of instruction.accounts.entries()) {
        counts.all += 1;
        if (account.defaultValue || account.isOptional || account.isSigner !== false) continue;
        given.push(`${name}.${instruction.name}.${account.name}`);
        const source = idl.instructions[place]?.accounts[index] as unknown as AccountSource;
        counts[explainSource(source)] += 1;
      }
    }
  }
  assert.ok(given.length <= MAX_GIVEN, `${given.length} accounts to give: ${given.join(", ")}`);

  const { all, bare, named, seeded } = counts;
  const stated =
    `Codama leave ${given.length} of the ${all} accounts to the caller: these ${bare}, ${named} whose address is ` +
    `a field of another account, and ${seeded} with such a field in their seeds.`;
  const page = readFileSync(PAGE, "utf8").replace(/\s+/g, " ");
  assert.ok(page.includes(stated), `docs/clients.md does not say: ${stated}`);
});

/** Why Codama does not find an account: it is or contains a field of another account, or nothing leads to it. */
function explainSource({ relations, pda }: AccountSource): "bare" | "named" | "seeded" {
  if (pda?.seeds.some(({ path }) => path?.includes("."))) return "seeded";
  return relations ? "named" : "bare";
}
