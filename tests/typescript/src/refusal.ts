/** Errors of a program, by their names in its IDL. */

import assert from "node:assert/strict";

import type { Idl } from "@anchor-lang/core";

/** The runtime's line about a program that failed with an error of its own. The innermost one comes first. */
const FAILED = /^Program (\w+) failed: custom program error: 0x([0-9a-f]+)$/;

/**
 * Checks that the program of `idl` refuses `call` with the error that the IDL names `name`.
 *
 * Anchor's client only names errors that the program logs as text, which costs compute and which Anchor 2 does not
 * do; its other way, by the message of the RPC error, fails since that message also quotes the logs. So the number is
 * read from the runtime's own line.
 */
export async function assertRefused(idl: Idl, name: string, call: Promise<unknown>): Promise<void> {
  const error = await call.then(
    () => assert.fail(`this should have been refused with ${name}`),
    (error: { logs?: string[] }) => error,
  );
  const [, program, code] = error.logs?.map((line) => FAILED.exec(line)).find((match) => match !== null) ?? [];
  if (program === undefined || code === undefined) throw error;
  const named = idl.errors?.find((known) => known.code === parseInt(code, 16));
  assert.equal(program, idl.address, "the program itself refuses, not one that it calls");
  assert.equal(named?.name, name, `refused with error 0x${code}: ${named?.msg ?? "not in the IDL"}`);
}
