// An error loses its class when it is kept: its code and details are what it is made of.
import { detailNames, Fault, isFaultCode } from '../../model/fault.ts';
import { isRecord, isText } from './read.ts';

export const keptFault = (fault: Fault | null): unknown =>
  fault === null ? null : { code: fault.code, detail: fault.detail };

/** Null: none, or not what this version keeps. */
export function readFault(value: unknown): Fault | null {
  if (!isRecord(value) || !isRecord(value.detail) || !isText(value.code, 40) || !isFaultCode(value.code)) return null;
  const { code, detail } = value;
  return detailNames(code).every((name) => isText(detail[name], 2_000)) ? new Fault(code, detail as never) : null;
}
