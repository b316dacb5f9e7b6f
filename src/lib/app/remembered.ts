// Small wishes without any secret (theme, own label) in localStorage; where that is forbidden they last as long as the tab.

export function recall(name: 'theme' | 'label'): string | null {
  try {
    return localStorage.getItem(`smps-${name}`);
  } catch {
    return null;
  }
}

export function remember(name: 'theme' | 'label', value: string): void {
  try {
    localStorage.setItem(`smps-${name}`, value);
  } catch {
    // forbidden: nothing to do, the page works without
  }
}
