// The English that every view shows: it comes with the shell, so pages' own words are kept out of it.
import { common } from './en/common.ts';
import { frame } from './en/frame.ts';
import { search } from './en/search.ts';
import { map } from './en/map.ts';
import { tasks } from './en/tasks.ts';
import { faults } from './en/faults.ts';
export const shell = { common, frame, search, map, tasks, faults };
