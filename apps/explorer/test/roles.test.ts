/** Roles of an address, however many accounts name it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  DELEGATION_ACCOUNT,
  getDelegationDecoder,
  getDelegationEncoder,
  NOSANA_STAKING_PROGRAM_ADDRESS,
} from "@nosana-programs/client/staking";
import { getAddressDecoder, type Address } from "@solana/kit";

import { replaceLedger } from "../src/data/ledger.ts";
import { findRoles } from "../src/data/roles.ts";

const addressOf = (index: number): Address =>
  getAddressDecoder().decode(new Uint8Array(32).fill(index));

test("a stake with many delegations has a short list of them, and their number", () => {
  const zeroed = new Uint8Array(getDelegationDecoder().fixedSize);
  zeroed.set(DELEGATION_ACCOUNT.discriminator);
  const delegation = { ...getDelegationDecoder().decode(zeroed), stake: addressOf(1) };
  const data = new Uint8Array(getDelegationEncoder().encode(delegation));
  const program = NOSANA_STAKING_PROGRAM_ADDRESS;
  const list = (count: number) =>
    replaceLedger(
      Array.from({ length: count }, (_, index) => ({
        address: addressOf(index + 10),
        program,
        data,
      })),
    );

  list(8);
  assert.equal(findRoles(addressOf(1)).length, 8);
  list(200);
  const roles = findRoles(addressOf(1));
  assert.equal(roles.length, 9);
  assert.deepEqual(roles.at(-1), { name: "Delegator", page: undefined, account: "200 in all" });
});
