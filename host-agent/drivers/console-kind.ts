// What a VM's consoles are called, for people.
import type { ConsoleKind } from '../../src/lib/model/fleet.ts';

/** “the screen of db-1” */
export const wordsOf = (kind: ConsoleKind): string => (kind === 'screen' ? 'screen' : 'serial line');
