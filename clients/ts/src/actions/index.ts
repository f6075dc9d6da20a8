/** The programs' instructions with their accounts filled in, by role. */

export * from "./delegators.js";
export * from "./endings.js";
export * from "./jobs.js";
export * from "./markets.js";
export * from "./nodes.js";
export * from "./stakers.js";
