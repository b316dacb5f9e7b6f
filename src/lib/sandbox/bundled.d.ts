// Made by scripts/setup/bundled.mjs.
declare module '*?bundled' {
  /** The module with all it imports, as one classic script. */
  const script: string;
  // eslint-disable-next-line no-restricted-syntax -- what Vite's own queries do
  export default script;
}
