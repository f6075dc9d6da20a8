import { fileURLToPath } from "node:url";

import { defineConfig, type Plugin } from "vite";

const client = (path: string) =>
  fileURLToPath(new URL(`../../clients/ts/src/${path}`, import.meta.url));

/**
 * The page runs its own files only. It connects to the network and the content endpoint that its
 * reader chooses, so these have no list.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' http: https: ws: wss:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Adds the policy to the built page. Vite's development server needs inline styles. */
function addPolicy(): Plugin {
  return {
    name: "content-security-policy",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: POLICY },
        injectTo: "head-prepend",
      },
    ],
  };
}

export default defineConfig({
  base: "./",
  plugins: [addPolicy()],
  resolve: {
    // The client's sources: no build of the package has to come before.
    alias: [
      { find: /^@nosana-programs\/client$/, replacement: client("index.ts") },
      {
        find: /^@nosana-programs\/client\/(jobs|staking|rewards)$/,
        replacement: client("generated/$1/index.ts"),
      },
    ],
    dedupe: ["@solana/kit"],
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  // The client's sources are outside of this folder.
  server: {
    host: "127.0.0.1",
    fs: { allow: [fileURLToPath(new URL(".", import.meta.url)), client("")] },
  },
});
