/** Every instruction has the bytes and the accounts of the IDL. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { AccountRole, createNoopSigner, type Address, type Instruction } from "@solana/kit";

import { generated } from "./support/generated.ts";
import { camelCase, pascalCase, PROGRAMS, readIdl, type IdlAccountMeta } from "./support/idl.ts";
import { Sampler } from "./support/samples.ts";

type BuildInstruction = (input: Record<string, unknown>) => Instruction;

for (const name of PROGRAMS) {
  test(`instructions of ${name} are encoded as in the IDL`, () => {
    const idl = readIdl(name);
    const sampler = new Sampler(idl);

    for (const instruction of idl.instructions) {
      const accounts = instruction.accounts.map((account) => ({
        account,
        address: (account.address ?? sampler.address().value) as Address,
      }));
      const args = sampler.struct(instruction.args);

      const given = accounts.map(({ account, address }) => [
        camelCase(account.name),
        account.signer ? createNoopSigner(address) : address,
      ]);
      const build = generated<BuildInstruction>(
        name,
        `get${pascalCase(instruction.name)}Instruction`,
      );
      const built = build({ ...Object.fromEntries(given), ...(args.value as object) });

      assert.equal(built.programAddress, idl.address, instruction.name);
      assert.deepEqual(
        [...built.data!],
        [...instruction.discriminator, ...args.bytes],
        instruction.name,
      );
      assert.deepEqual(
        built.accounts!.map(({ address, role }) => ({ address, role })),
        accounts.map(({ account, address }) => ({ address, role: roleOf(account) })),
        instruction.name,
      );
    }
  });
}

test("an optional account that is not given is the program itself, read-only", () => {
  const idl = readIdl("jobs");
  const { accounts } = idl.instructions.find((instruction) => instruction.name === "work")!;
  const optional = accounts.filter((account) => account.optional).map((account) => account.name);
  assert.deepEqual(optional, ["access_token", "access_metadata"]);

  const sampler = new Sampler(idl);
  const given = accounts
    .filter((account) => !account.optional)
    .map((account) => {
      const address = sampler.address().value as Address;
      return [camelCase(account.name), account.signer ? createNoopSigner(address) : address];
    });
  const limits = { minPricePerSecond: 0, maxCollateral: 0 };
  const work = generated<BuildInstruction>("jobs", "getWorkInstruction");
  const built = work({ ...Object.fromEntries(given), ...limits });

  const missing = { address: idl.address, role: AccountRole.READONLY };
  assert.deepEqual(built.accounts!.slice(-2), [missing, missing]);
});

function roleOf({ signer, writable }: IdlAccountMeta): AccountRole {
  if (signer) return writable ? AccountRole.WRITABLE_SIGNER : AccountRole.READONLY_SIGNER;
  return writable ? AccountRole.WRITABLE : AccountRole.READONLY;
}
