// What operators put on a VM. The model gets these fields with the wire that carries them; until then they are absent.
import type { Vm } from '../model/fleet.ts';

type Marked = Vm & { readonly tags?: readonly string[]; readonly protected?: boolean };

export const tagsOf = (vm: Vm): readonly string[] => (vm as Marked).tags ?? [];
/** Guarded against deletion. */
export const isProtected = (vm: Vm): boolean => (vm as Marked).protected ?? false;
