// The search box.

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
  taken: (name: string) => `There is a filter “${name}” already. Replace it?`,
  replace: 'Replace',
  anotherName: 'Another name',
  use: (fix: string) => `Use ${fix}`,
  leaveOut: 'Leave it out'
};
