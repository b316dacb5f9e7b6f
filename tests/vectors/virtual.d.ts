declare module 'virtual:vectors/*' {
  /** The parsed file; null where it is absent. */
  export const vectors: unknown;
}
