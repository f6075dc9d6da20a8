/** Refusals of a program, in the words of its IDL. */

import assert from "node:assert/strict";

import { AnchorError, type Idl, ProgramError } from "@anchor-lang/core";

/** Checks that the program of `idl` refuses `call` with the error that the IDL names `name`. */
export async function assertRefused(idl: Idl, name: string, call: Promise<unknown>): Promise<void> {
  const error = await call.then(
    () => assert.fail(`this should have been refused with ${name}`),
    (error: unknown) => error,
  );
  const code = error instanceof AnchorError ? error.error.errorCode.number : error instanceof ProgramError ? error.code : undefined;
  if (code === undefined || !(error instanceof AnchorError || error instanceof ProgramError)) throw error;
  const named = idl.errors?.find((known) => known.code === code);
  assert.equal(named?.name, name, `refused with error ${code}: ${named?.msg ?? "not in the IDL"}`);
  assert.equal(error.program?.toBase58(), idl.address, "the program itself refuses, not one that it calls");
}
