/** `npm run generate`: writes the generated code anew. */

import { mkdir, rm, writeFile } from "node:fs/promises";

import { GENERATED, renderClients } from "./render.ts";

const pages = await renderClients();
await rm(GENERATED, { recursive: true, force: true });

for (const [path, text] of pages) {
  const file = new URL(path, GENERATED);
  await mkdir(new URL(".", file), { recursive: true });
  await writeFile(file, text);
}
console.log(`${pages.size} files of generated code`);
