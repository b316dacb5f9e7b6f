// Small wishes without any secret (theme, language, own label, panels, filters, columns) in localStorage; where that is
// forbidden they last as long as the tab.

export type Wish =
  | 'theme'
  | 'label'
  | 'language'
  | 'panels'
  | 'grouping'
  | 'filters'
  | 'columns-vms'
  | 'columns-hosts'
  | 'planning'
  | 'rebalance'
  | 'pin'
  | 'terminal';

export function recall(name: Wish): string | null {
  try {
    return localStorage.getItem(`smps-${name}`);
  } catch {
    return null;
  }
}

export function remember(name: Wish, value: string): void {
  try {
    localStorage.setItem(`smps-${name}`, value);
  } catch {
    // forbidden: nothing to do, the page works without
  }
}
