/**
 * `accountKinds.ts` of a program: of each account the discriminator, the decoder, and the places of
 * its fields.
 */

import {
  type AccountNode,
  getByteSizeVisitor,
  getRecordLinkablesVisitor,
  LinkableDictionary,
  NodeStack,
  resolveNestedTypeNode,
  type StructFieldTypeNode,
  type TypeNode,
  visit,
} from "codama";

import { capitalize, type ProgramModel } from "./program.ts";

/** Names that a page imports, by module. */
interface Imports {
  kit: Set<string>;
  types: Set<string>;
}

/** Returns the page. */
export function renderAccountKinds(model: ProgramModel): string {
  const { program } = model;
  const imports: Imports = { kit: new Set(), types: new Set() };
  const kinds = program.accounts.map((account) => renderKind(model, account, imports));

  const constant = `${program.name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}_PROGRAM_ADDRESS`;
  const accounts = program.accounts.flatMap(({ name }) => [
    `get${capitalize(name)}Decoder`,
    discriminatorOf(name),
  ]);
  const types =
    imports.types.size === 0
      ? ""
      : `import { ${[...imports.types].sort().join(", ")} } from "./types";`;

  return `
import { ${[...imports.kit].sort().join(", ")} } from "@solana/kit";
import { ${accounts.join(", ")} } from "./accounts";
import { ${constant} } from "./programs";
${types}

${kinds.join("\n\n").replaceAll("PROGRAM_ADDRESS", constant)}
`;
}

function renderKind(model: ProgramModel, account: AccountNode, imports: Imports): string {
  const rows = fieldsOf(model, account).flatMap(({ field, offset, size }) => {
    const encoder = encoderOf(field.type, size, imports);
    return encoder ? [`    ${field.name}: { offset: ${offset}, getEncoder: ${encoder} },`] : [];
  });

  return `
/** How \`${capitalize(account.name)}\` accounts are found: see \`listAccounts\`. */
export const ${constantCase(account.name)}_ACCOUNT = {
  name: "${capitalize(account.name)}",
  programAddress: PROGRAM_ADDRESS,
  discriminator: ${discriminatorOf(account.name)},
  getDecoder: get${capitalize(account.name)}Decoder,
  fields: {
${rows.join("\n")}
  },
} as const;`.trim();
}

/** The fields after the discriminator, up to the first one whose size depends on its value. */
function fieldsOf({ root, program }: ProgramModel, account: AccountNode) {
  const linkables = new LinkableDictionary();
  visit(root, getRecordLinkablesVisitor(linkables));
  const sizes = getByteSizeVisitor(linkables, { stack: new NodeStack([root, program, account]) });

  const fields: { field: StructFieldTypeNode; offset: number; size: number }[] = [];
  let offset = 0;
  for (const field of resolveNestedTypeNode(account.data).fields) {
    const size = visit(field.type, sizes);
    if (size === null) break;
    if (field.name !== "discriminator") fields.push({ field, offset, size });
    offset += size;
  }
  return fields;
}

/**
 * The encoder of a field by which accounts can be filtered; undefined for structs, arrays and
 * reserved bytes.
 */
function encoderOf(type: TypeNode, size: number, { kit, types }: Imports): string | undefined {
  const encoder = (from: Set<string>, name: string) => {
    from.add(name);
    return name;
  };

  switch (type.kind) {
    case "publicKeyTypeNode":
      return encoder(kit, "getAddressEncoder");
    case "numberTypeNode":
      return encoder(kit, `get${capitalize(type.format)}Encoder`);
    case "definedTypeLinkNode":
      return size === 1 ? encoder(types, `get${capitalize(type.name)}Encoder`) : undefined;
    case "fixedSizeTypeNode":
      if (size !== 32) return undefined;
      return `() => ${encoder(kit, "fixEncoderSize")}(${encoder(kit, "getBytesEncoder")}(), ${size})`;
    default:
      return undefined;
  }
}

function discriminatorOf(name: string): string {
  return `${constantCase(name)}_DISCRIMINATOR`;
}

function constantCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
