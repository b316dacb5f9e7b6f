// The search box, and what is wrong in a filter.
const choose = (list: string): string => (list === '' ? '' : ` Possible: ${list}.`);

export const search = {
  label: 'Filter hosts and VMs',
  placeholder: 'Filter: words, or site:north state:running cpu>80',
  clear: 'Clear the filter',
  completions: 'Completions',
  help: 'How to filter',
  saved: 'Saved filters',
  savedNone: 'Give the filter a name to find it again here.',
  saveAs: 'Name for this filter',
  save: 'Save',
  rename: (name: string) => `Rename ${name}`,
  remove: (name: string) => `Delete ${name}`,
  newName: 'New name',
  use: (fix: string) => `Use ${fix}`,
  leaveOut: 'Leave it out',

  problem: {
    'unknown-field': (found: string) => `There is no field “${found}”. Text with a colon goes in quotes.`,
    'unknown-value': (found: string, field: string, choices: string) =>
      `“${found}” is no value of ${field}.${choose(choices)}`,
    'missing-value': (_found: string, field: string, choices: string) =>
      `${field} needs a value after it.${choose(choices)}`,
    'not-a-number': (found: string, field: string) => `${field} is compared with a number; “${found}” is none.`,
    'needs-unit': (found: string, _field: string, choices: string) => `${found} of what? Write a unit: ${choices}.`,
    'unknown-unit': (found: string, field: string, choices: string) =>
      choices === ''
        ? `${field} is a plain number; “${found}” has a unit.`
        : `The unit of “${found}” is unknown here.${choose(choices)}`,
    'needs-figure': (found: string, field: string) =>
      `${field} is text: “:” (is) and “~” (contains) go with it, “${found}” does not.`,
    'needs-text': (found: string, field: string) =>
      `${field} is a figure: “${found}” does not go with it; = < > <= >= do.`,
    'no-field': (found: string) => `“${found}” has no field before it; there is no space round the sign: cpu>80.`,
    'unclosed-quote': () => 'This quote is not closed.',
    'dangling-or': () => 'OR stands between two terms.',
    'too-long': () => 'A filter has at most 500 characters; the rest is left out.'
  }
};
