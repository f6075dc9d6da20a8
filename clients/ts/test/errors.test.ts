/** Errors have the name and the text of the IDL, of the program that caused them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createSolanaRpc, generateKeyPairSigner, type Address } from "@solana/kit";

import { createClient } from "../src/index.ts";
import { isRefusedWith, ProgramError, toTransactionError } from "../src/transaction/errors.ts";
import { describeError } from "../src/transaction/knownErrors.ts";
import { PROGRAMS, readIdl } from "./support/idl.ts";

const JOBS = readIdl("jobs").address as Address;
const STAKING = readIdl("staking").address as Address;
const failed = (program: string, code: number) =>
  `Program ${program} failed: custom program error: 0x${code.toString(16)}`;

test("every error of the IDL has its name and its text", () => {
  for (const name of PROGRAMS) {
    const { address, errors, metadata } = readIdl(name);
    for (const { code, name: errorName, msg } of errors) {
      const expected = { programName: metadata.name, errorName, meaning: msg };
      assert.deepEqual(describeError(address as Address, code), expected);
    }
  }
});

test("errors of the framework, the token program and others have names", () => {
  assert.equal(describeError(JOBS, 2012).errorName, "ConstraintAddress");
  assert.equal(describeError(JOBS, 9_999).errorName, "Unknown");
  const token = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA" as Address;
  assert.equal(describeError(token, 1).errorName, "InsufficientFunds");
  assert.equal(
    describeError("11111111111111111111111111111111" as Address, 0).errorName,
    "AccountAlreadyInUse",
  );
});

test("the number is the innermost program's, not that of the instruction", () => {
  const { code } = readIdl("staking").errors.find(({ name }) => name === "AlreadyUnstaked")!;
  const logs = [failed(STAKING, code), failed(JOBS, code)];
  const reported = { InstructionError: [1n, { Custom: BigInt(code) }] };

  const inner = toTransactionError(reported, [JOBS, JOBS], { logs });
  assert.ok(inner instanceof ProgramError);
  assert.deepEqual(
    [inner.program, inner.errorName, inner.code],
    [STAKING, "AlreadyUnstaked", code],
  );
  assert.match(inner.message, /^nosana_staking refuses: .+ \(AlreadyUnstaked, \d+\)$/);
  assert.ok(isRefusedWith(inner, "AlreadyUnstaked"));
  assert.ok(!isRefusedWith(inner, "NotClient"));
  assert.ok(!isRefusedWith(new Error("no"), "AlreadyUnstaked"));

  const withoutLogs = toTransactionError(reported, [STAKING, JOBS], { logs: [] });
  assert.equal((withoutLogs as ProgramError).program, JOBS, "the program of the instruction");
});

test("errors of the runtime say what to do", () => {
  const advice: [string | { [key: string]: unknown }, RegExp][] = [
    ["AccountNotFound", /fund the payer/],
    [{ InsufficientFundsForRent: { account_index: 0n } }, /fund the payer/],
    ["BlockhashNotFound", /send it again/],
    ["MaxLoadedAccountsDataSizeExceeded", /more bytes than its limit allows; send it again/],
    [{ InstructionError: [0n, "ComputationalBudgetExceeded"] }, /more compute units/],
    [{ InstructionError: [0n, "UnsupportedProgramId"] }, /right cluster/],
    [{ InstructionError: [0n, "InvalidAccountData"] }, /see the logs/],
  ];
  for (const [reported, expected] of advice) {
    assert.match(toTransactionError(reported, [], { logs: [] }).message, expected);
  }
});

test("a node that does not answer is an error that says so", async () => {
  const rpc = createSolanaRpc("http://127.0.0.1:9");
  const client = createClient({ rpc, signer: await generateKeyPairSigner() });
  await assert.rejects(client.fetchMint(), /the RPC node does not answer/);
});
