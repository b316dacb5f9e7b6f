// What a move needs of a Xen host's domain 0, had from outside: an agent in there would take more of the emulated processor than the
// guests it moves. xl by a shell, libvirt's daemon by its TCP port, ports of domain 0's loopback forwarded.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duplexPair, pipeline } from 'node:stream';
import type { Duplex } from 'node:stream';
import type { XenGround } from '../../host-agent/drivers/libvirt/xen-ground.ts';
import type { XenHost } from './host/host.ts';

type Host = Pick<XenHost, 'uri' | 'ssh' | 'forward' | 'unforward'>;

export const dom0Ground = (host: Host): XenGround => ({
  xl: (args) => host.ssh(`xl ${args.join(' ')}`).catch(() => null),
  daemon: () => connect({ host: '127.0.0.1', port: Number(new URL(host.uri).port) }),
  connect(port) {
    const [here, there] = duplexPair();
    const path = socketPath();
    const what = `${path}:127.0.0.1:${port}`;
    const end = (): void => {
      here.destroy();
      void host.unforward('-L', what).then(() => rm(path, { force: true }));
    };
    host.forward('-L', what).then(() => joined(here, connect({ path, allowHalfOpen: true }), end), end);
    return there;
  },
  async listen(port, accept) {
    const path = socketPath();
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, accept).listen(path);
    const what = `127.0.0.1:${port}:${path}`;
    const close = async (): Promise<void> => {
      await host.unforward('-R', what);
      await new Promise((resolve) => server.close(resolve));
    };
    return host.forward('-R', what).then(
      () => ({ close }),
      async () => {
        await close();
        return null;
      }
    );
  }
});

const socketPath = (): string => join(tmpdir(), `smps-${randomUUID()}`);

function joined(one: Duplex, other: Socket, over: () => void): void {
  pipeline(one, other, (error) => {
    if (error) over();
  });
  pipeline(other, one, over);
}
