// What set-up tells a person: one line each, with the same mark in front, so that it is never mistaken for output of a tool.

/** @param {string} line */
export const say = (line) => console.log(`[setup] ${line}`);

/** Set-up cannot go on; the message says why and what to do. Printed without a stack. */
export class Stop extends Error {}
