/**
 * Lets the client's sources use this folder's `@solana/kit`, as the bundle does: they need no
 * installation of their own, and there is one copy of its types.
 */

import { register } from "node:module";

const hook = `
  const PACKAGES = ${JSON.stringify(new URL("../../package.json", import.meta.url).href)};
  export function resolve(specifier, context, next) {
    const isKit = specifier === "@solana/kit" || specifier.startsWith("@solana/kit/");
    return next(specifier, isKit ? { ...context, parentURL: PACKAGES } : context);
  }
`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
