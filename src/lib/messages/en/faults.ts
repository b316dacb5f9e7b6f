// Faults, by code, from the same details: the table of the model itself speaks English.
import { faults as table } from '../../model/fault.ts';

export const faults = table;
