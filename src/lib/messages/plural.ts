// Plural forms by the rules of the language itself (CLDR, through Intl.PluralRules).
const NBSP = '\u00a0';

/** Forms by CLDR category; `#` stands for the number. */
export type Forms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;

/** Counts in groups of three from five digits on, as both languages write them. One: making it takes longer than a page of words. */
export const figure = new Intl.NumberFormat('en', { useGrouping: 'min2' });

type Plural = (n: number, forms: Forms) => string;
/** One for each language, for the same reason. */
const made = new Map<string, Plural>();

/** @returns picks the form for `n` and writes `n` in it, held to its noun by a no-break space */
export function plural(locale: string): Plural {
  const known = made.get(locale) ?? pluralOf(locale);
  made.set(locale, known);
  return known;
}

function pluralOf(locale: string): Plural {
  const rules = new Intl.PluralRules(locale);
  return (n, forms) =>
    (forms[rules.select(n)] ?? forms.other).replace(/# ?/, (found) =>
      found.length === 1 ? figure.format(n) : figure.format(n) + NBSP
    );
}
