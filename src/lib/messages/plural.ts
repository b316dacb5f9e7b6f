// Plural forms by the rules of the language itself (CLDR, through Intl.PluralRules).
const NBSP = '\u00a0';

/** Forms by CLDR category; `#` stands for the number. */
export type Forms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;

/** @returns picks the form for `n` and writes `n` in it, held to its noun by a no-break space */
export function plural(locale: string): (n: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(locale);
  const figures = new Intl.NumberFormat(locale, { useGrouping: 'min2' });
  return (n, forms) =>
    (forms[rules.select(n)] ?? forms.other).replace(/# ?/, (found) =>
      found.length === 1 ? figures.format(n) : figures.format(n) + NBSP
    );
}
