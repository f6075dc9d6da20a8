/**
 * Codama, from which clients for `@solana/kit` and others are generated, reads every IDL without an error and without a
 * warning, and finds the accounts that it can. Needs no network.
 */

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { rootNodeFromAnchor } from "@codama/nodes-from-anchor";
import { createFromRoot, type RootNode } from "codama";

import { readIdl } from "../src/client.ts";

const PROGRAMS = ["jobs", "staking", "rewards"] as const;
/**
 * Bound of the accounts that a caller gives. Codama knows no relations between accounts and reads no account, so that
 * it derives only what the addresses and arguments of a call suffice for. Four are the mint of NOS, which the
 * configuration names and slashes burn.
 */
const MAX_GIVEN = 161;

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

test("Codama derives all accounts but those that it would have to read others for", () => {
  const given = PROGRAMS.flatMap((name) =>
    readRoot(name).program.instructions.flatMap((instruction) =>
      instruction.accounts
        .filter(({ defaultValue, isOptional, isSigner }) => !defaultValue && !isOptional && isSigner === false)
        .map((account) => `${name}.${instruction.name}.${account.name}`),
    ),
  );
  assert.ok(given.length <= MAX_GIVEN, `${given.length} accounts to give: ${given.join(", ")}`);
});
