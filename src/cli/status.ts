// What the program's exit status says; scripts depend on it (docs/CLI.md).
import { Fault } from '../lib/model/fault.ts';
import type { FaultCode } from '../lib/model/fault.ts';
import type { Reply } from '../lib/protocol/schema.ts';

export const STATUS = { done: 0, failed: 1, usage: 2, refused: 3, unknown: 4 } as const;
export type Status = (typeof STATUS)[keyof typeof STATUS];

const CODES: Partial<Record<FaultCode, Status>> = {
  usage: STATUS.usage,
  'bad-argument': STATUS.usage,
  'not-found': STATUS.refused,
  forbidden: STATUS.refused,
  'unknown-operator': STATUS.refused,
  'pairing-refused': STATUS.refused,
  handshake: STATUS.refused,
  rollback: STATUS.refused,
  unanswered: STATUS.unknown,
  interrupted: STATUS.unknown,
  timeout: STATUS.unknown
};

export const statusOfReply = (reply: Reply): Status => STATUS[reply.status];
export const statusOfFault = (fault: Fault): Status => CODES[fault.code] ?? STATUS.failed;

/** @returns never: throws Fault `usage`, which ends the program with status 2 */
export function usage(reason: string): never {
  throw new Fault('usage', { reason });
}
