// What a fault says in another language than its own: from its code and details.
import type { Fault } from '../model/fault.ts';
import type { ShellMessages } from './messages.ts';

export const faultMessage = (m: ShellMessages, { code, detail }: Fault): string =>
  // As in the Fault itself: the union of functions takes the details that go with the code.
  (m.faults[code].message as (detail: Fault['detail']) => string)(detail);

export const faultAdvice = (m: ShellMessages, { code }: Fault): string => m.faults[code].advice;

/** Both, as one or two sentences. */
export const faultWords = (m: ShellMessages, fault: Fault): string =>
  m.common.sentences(faultMessage(m, fault), faultAdvice(m, fault));
