// A tab of a subject. Views keep this order at every level; a level leaves out what it does not have.
import type { ResolvedPathname } from '$app/types';

export type Tab = {
  readonly label: string;
  readonly href: ResolvedPathname;
  readonly current: boolean;
  readonly count?: number;
};
