// Processes in a guest by which a test sees that it goes on, and with the memory it had.
import { beginInGuest, readInGuest } from './guest-agent.ts';
import type { AskVirsh } from './guest-agent.ts';

const COUNTER = 'while :; do n=$((n + 1)); echo $n > /run/count; sleep 0.2; done';

/** A few pages are written again and again without a pause, and each round looks for what the one before has written. */
const WRITER = `awk 'BEGIN {
  for (;; round++) {
    for (i = 0; i < 4000; i++) {
      if (was[i] != round) { print i > "/run/lost"; close("/run/lost") }
      was[i] = round + 1
    }
    if (round % 50 == 0) { print round > "/run/count"; close("/run/count") }
  }
}'`;
/** So much is written beside it that no pass over the memory suffices. */
const FLOOD = 'while :; do dd if=/dev/zero of=/run/other bs=1M count=4; done';

/** A process that counts, a few times a second. */
export const beginCounter = (virsh: AskVirsh, vm: string): Promise<unknown> => beginInGuest(virsh, vm, COUNTER);

/** One that counts as fast as it can, in memory that is looked through each time. */
export const beginWriter = (virsh: AskVirsh, vm: string): Promise<unknown> => beginInGuest(virsh, vm, WRITER);

/** That one, and one that writes much. */
export const beginFlood = (virsh: AskVirsh, vm: string): Promise<unknown> =>
  beginInGuest(virsh, vm, `${WRITER} & ${FLOOD}`);

/** How far the process has counted; null: not begun, or the guest does not answer. */
export const countIn = async (virsh: AskVirsh, vm: string): Promise<number | null> => {
  const text = await readInGuest(virsh, vm, '/run/count').catch(() => '');
  return /^\d+$/.test(text.trim()) ? Number(text) : null;
};

/** Whether a writer has found something that was not as it had written it. @throws when the guest does not answer */
export async function hasLostWrites(virsh: AskVirsh, vm: string): Promise<boolean> {
  try {
    await readInGuest(virsh, vm, '/run/lost');
    return true;
  } catch (thrown) {
    if (/No such file/.test(String(thrown))) return false;
    throw thrown;
  }
}
