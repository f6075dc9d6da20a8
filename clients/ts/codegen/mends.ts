/**
 * Mends of what Codama renders. Each fails if it finds nothing to mend, so that another version of
 * Codama cannot make one silently ineffective.
 */

/** The rendered pages of a program, by their paths. */
export type Pages = Map<string, string>;

/** Applies all mends. */
export function mendPages(pages: Pages): Pages {
  const mended = new Map(
    [...pages].map(([path, text]) => [path, addExtensions(path, text, pages)]),
  );

  for (const [path, text] of mended) {
    if (path.startsWith("errors/") && path !== "errors/index.ts")
      mended.set(path, keepMessages(path, text));
    if (path.startsWith("programs/") && path !== "programs/index.ts")
      mended.set(path, castPlugin(path, text));
  }
  return mended;
}

/** Node finds a relative import by the whole name of its file only. */
function addExtensions(path: string, text: string, pages: Pages): string {
  return text.replaceAll(
    /from (["'])(\.{1,2}(?:\/[^"']*)?)\1/g,
    (_, quote: string, target: string) => {
      const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : "";
      const joined = new URL(target, `file:///${folder}`).pathname.slice(1).replace(/\/$/, "");

      const ending = pages.has(`${joined}.ts`) ? ".js" : "/index.js";
      if (ending === "/index.js" && !pages.has(`${joined}/index.ts`)) {
        throw new Error(`${path} imports ${target}, which was not rendered`);
      }
      return `from ${quote}${target}${ending}${quote}`;
    },
  );
}

/**
 * The messages are part of the product: keep them in production bundles, and without a global
 * `process`.
 */
function keepMessages(path: string, text: string): string {
  const guarded =
    /let (\w+): (Record<\w+, string>) \| undefined;\s*if \(process\.env\S* !== 'production'\) \{\s*\1 = (\{[\s\S]*?\});\s*\}/;
  const getter =
    /\{\s*if \(process\.env\S* !== 'production'\) \{\s*return \((\w+) as [^)]*\)\[code\];\s*\}\s*return '[^']*';\s*\}/;
  if (!guarded.test(text) || !getter.test(text))
    throw new Error(`${path} has other messages than expected`);

  return text
    .replace(
      guarded,
      (_, name: string, type: string, table: string) => `const ${name}: ${type} = ${table};`,
    )
    .replace(getter, (_, name: string) => `{ return ${name}[code]; }`);
}

/** The plugin's type does not satisfy `extendClient` of kit 6.10 and later. */
function castPlugin(path: string, text: string): string {
  const call = "return extendClient(client, ";
  if (!text.includes(call)) throw new Error(`${path} has another plugin than expected`);

  return text.replace(call, call.replace("extendClient", "<never>extendClient"));
}
