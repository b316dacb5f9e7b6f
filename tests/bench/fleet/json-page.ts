// The baseline of the fleet benchmark: the same figures as plain JSON over one bare WebSocket, shown by a page that does nothing
// else. As many messages a second, as many VMs in each, one mark to look for.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const PAGE = `<!doctype html><title>baseline</title><h1></h1><p></p><script>
const hosts = new Map();
let due = false;
const show = () => {
  due = false;
  document.querySelector('h1').textContent = hosts.get('marked')?.name ?? '';
  document.querySelector('p').textContent = hosts.size;
};
new WebSocket('ws://' + location.host).onmessage = ({ data }) => {
  const said = JSON.parse(data);
  hosts.set(said.host, { ...hosts.get(said.host), ...said });
  if (!due) requestAnimationFrame(show);
  due = true;
};
</script>`;

export type JsonPage = { readonly url: string; close(): void };

const figures = (at: number) => ({
  at,
  cpu: Math.random() * 100,
  memoryUsed: 2048,
  diskRead: Math.random() * 1e6,
  diskWrite: Math.random() * 1e6,
  netReceive: Math.random() * 1e6,
  netTransmit: Math.random() * 1e6
});

/** @param perSecond messages: as many loads of a host with `vms` VMs as changes of one VM */
export async function jsonPage(
  hosts: number,
  vms: number,
  loads: number,
  changes: number,
  markEvery: number
): Promise<JsonPage> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(PAGE);
  });
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  const say = (message: object): void => {
    const text = JSON.stringify(message);
    for (const socket of sockets.clients) socket.send(text);
  };
  let [sent, last, host] = [0, performance.now(), 0];
  const timer = setInterval(() => {
    const now = performance.now();
    sent += now - last;
    last = now;
    const each = 1000 / (loads + changes);
    for (; sent >= each; sent -= each) {
      host = (host + 1) % hosts;
      const at = Date.now();
      if (Math.random() < loads / (loads + changes)) {
        say({ host, load: figures(at), vmLoads: Array.from({ length: vms }, (_, vm) => ({ vm, ...figures(at) })) });
      } else say({ host, vm: { id: crypto.randomUUID(), name: 'web-1', state: 'running', vcpus: 2, memory: 2048 } });
    }
  }, 20);
  const marks = setInterval(() => say({ host: 'marked', name: `mark-${Date.now()}` }), markEvery);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => {
      clearInterval(timer);
      clearInterval(marks);
      sockets.close();
      server.close();
      server.closeAllConnections();
    }
  };
}
