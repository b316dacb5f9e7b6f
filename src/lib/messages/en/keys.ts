// The keys of the tab, as its list of them says.
export const keys = {
  filter: 'Filter hosts and VMs',
  enter: 'in the filter: go to the only match, or to the list',
  move: 'in the tree: move',
  fold: 'in the tree: fold, unfold',
  resize: 'on the edge of a panel: make it smaller or larger; Enter: as usual',
  createVm: 'Create a VM',
  tree: 'Show or fold the tree',
  details: 'Show or fold the details',
  tasks: 'Show or fold the tasks',
  escape: 'Close a dialog, clear the filter or the selection',
  help: 'This list',
  moveRow: 'in a table: move',
  chooseRow: 'in a table: choose the row; with Shift a range',
  allRows: 'in a table: choose all that match',
  openRow: 'in a table: open the row',
  complete: 'in the filter: take the completion',
  leaveConsole: 'in a console: give the keys back'
};
