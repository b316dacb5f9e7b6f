// What an entry of a host's journal is called in the language of the tab.
import type { ShellMessages } from '#lib/messages/messages.ts';
import type { Activity, Host } from '#lib/model/fleet.ts';

export const activityTitle = (m: ShellMessages, host: Host, { summary, op, vm }: Activity): string =>
  m.tasks.activity(summary, op, vm === null ? null : (host.vms.get(vm)?.name ?? null));
