// Plural forms by the rules of the language itself (CLDR), and how counts are written. By hand: what `Intl` has for them costs a
// page 40 ms when it is first made, on a slow machine four times as much.
const NBSP = '\u00a0';

/** Forms by CLDR category; `#` stands for the number. */
export type Forms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;

/** A whole number; in groups of three from five digits on, as both languages write counts. */
export const figure = (n: number): string => (n < 10_000 ? `${n}` : `${n}`.replace(/\B(?=(\d{3})+$)/g, ','));

/** The category of a whole number. */
const RULES = {
  en: (n: number) => (n === 1 ? 'one' : 'other'),
  'zh-CN': () => 'other'
} as const satisfies Record<string, (n: number) => Intl.LDMLPluralRule>;

/** @returns picks the form for `n` and writes `n` in it, held to its noun by a no-break space */
export const plural =
  (locale: keyof typeof RULES) =>
  (n: number, forms: Forms): string =>
    (forms[RULES[locale](n)] ?? forms.other).replace(/# ?/, (found) =>
      found.length === 1 ? figure(n) : figure(n) + NBSP
    );
