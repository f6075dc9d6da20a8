/**
 * `errorNames.ts` of a program: the names of its errors, which Codama renders only as constants.
 */

import { capitalize, type ProgramModel } from "./program.ts";

/** Returns the page. */
export function renderErrorNames({ program }: ProgramModel): string {
  const constant = program.name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  const rows = program.errors.map(({ code, name }) => `  ${code}: "${capitalize(name)}",`);

  return `
/** The names of the program's errors in its IDL, by their numbers. */
export const ${constant}_ERROR_NAMES = {
${rows.join("\n")}
} as const;
`;
}
