/** The shape of another language's messages: a missing, misspelt or surplus key does not compile. */
export type Same<Area> = {
  readonly [Key in keyof Area]: Area[Key] extends string
    ? string
    : Area[Key] extends (...args: infer Args) => string
      ? (...args: Args) => string
      : Same<Area[Key]>;
};
