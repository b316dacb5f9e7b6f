// What a test asks a guest itself, by its QEMU guest agent.

/** Past the agent of the host. Resolves with what `virsh` prints. */
export type AskVirsh = (...words: string[]) => Promise<string>;

async function ask(virsh: AskVirsh, vm: string, execute: string, args: object): Promise<unknown> {
  const answer = await virsh('qemu-agent-command', vm, JSON.stringify({ execute, arguments: args }));
  return (JSON.parse(answer) as { return: unknown }).return;
}

/** The first 64 KiB of a file in the guest. @throws where there is none */
export async function readInGuest(virsh: AskVirsh, vm: string, path: string): Promise<string> {
  const handle = await ask(virsh, vm, 'guest-file-open', { path, mode: 'r' });
  const read = (await ask(virsh, vm, 'guest-file-read', { handle, count: 65_536 })) as { 'buf-b64': string };
  await ask(virsh, vm, 'guest-file-close', { handle });
  return Buffer.from(read['buf-b64'], 'base64').toString();
}

/** Begins a shell in the guest, which nobody waits for. */
export const beginInGuest = (virsh: AskVirsh, vm: string, script: string): Promise<unknown> =>
  ask(virsh, vm, 'guest-exec', { path: '/bin/sh', arg: ['-c', script] });
