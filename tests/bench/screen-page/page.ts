// Two screens of one VM in one page, both by noVNC: over the app's own channel, and over a WebSocket to websockify.
import RFB from '@novnc/novnc';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { nativeProvider } from '#lib/seal/native.ts';
import { parseTicket } from '#lib/seal/ticket.ts';
import type { Client } from '#lib/session/client.ts';
import { RawChannel } from '#lib/ui/console/raw-channel.ts';
import type { Way } from './ways.ts';
import { newClient } from '../../support/new-client.ts';

const [F1, F2, A] = [0xffbe, 0xffbf, 0x61];
type Shown = { readonly rfb: RFB; received: number; onPicture: () => void };
const shown = new Map<Way, Shown>();

/** Resolves with the first picture. */
function show(way: Way, connect: (drawn: () => void, received: (count: number) => void, node: HTMLElement) => RFB) {
  const node = document.body.appendChild(document.createElement('div'));
  node.style.height = '300px';
  return new Promise<void>((resolve) => {
    const screen: Shown = {
      rfb: connect(
        () => screen.onPicture(),
        (count) => (screen.received += count),
        node
      ),
      received: 0,
      onPicture: resolve
    };
    shown.set(way, screen);
  });
}

let link: { readonly client: Client; readonly host: HostId } | null = null;

window.connect = async ({ gateway, websockify, ticket }) => {
  const provider = nativeProvider();
  const client = await newClient(provider);
  const { host } = parseTicket(ticket);
  link = { client, host };
  await client.pair(`ws://127.0.0.1:${gateway}/v1/link`, parseTicket(ticket), 'bench');
  const vm = await new Promise<VmId>((resolve) => {
    const look = (): void => {
      for (const id of client.fleet.hosts.get(host)?.vms.keys() ?? []) resolve(id);
    };
    client.onFleet(look);
    look();
  });
  const channel = await client.openConsole(host, vm, 'screen');
  await show('sealed', (drawn, received, node) => {
    const raw = new RawChannel(channel, { drawn, ended: (fault) => console.error('sealed ended', fault) });
    const rfb = new RFB(node, raw);
    const { onmessage } = raw;
    raw.onmessage = (event) => {
      received(event.data.byteLength);
      onmessage(event);
    };
    raw.open();
    return rfb;
  });
  await show('websockify', (drawn, received, node) => {
    const socket = new WebSocket(`ws://127.0.0.1:${websockify}/`, ['binary']);
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => received(data.byteLength));
    const send = socket.send.bind(socket);
    socket.send = (data: Uint8Array<ArrayBuffer>) => {
      send(data);
      // As RawChannel knows it.
      if (data[0] === 3 && data[1] === 1) drawn();
    };
    return new RFB(node, socket);
  });
};

const of = (way: Way): Shown => {
  const screen = shown.get(way);
  if (screen === undefined) throw new Error(`${way} is not connected`);
  return screen;
};

const picture = (screen: Shown): Promise<void> => new Promise((resolve) => (screen.onPicture = resolve));

async function busy<Value>(screen: Shown, meanwhile: () => Promise<Value>): Promise<Value> {
  screen.rfb.sendKey(F1, 'F1', true);
  await picture(screen);
  const value = await meanwhile();
  const last = picture(screen);
  screen.rfb.sendKey(F2, 'F2', true);
  await last;
  return value;
}

window.flood = (way, ms) => {
  const screen = of(way);
  return busy(screen, async () => {
    const [began, before] = [performance.now(), screen.received];
    while (performance.now() - began < ms) await picture(screen);
    return (1000 * (screen.received - before)) / (performance.now() - began);
  });
};

window.commands = (count, beside) => {
  if (link === null) throw new Error('not connected');
  const { client, host } = link;
  const run = async (): Promise<number[]> => {
    const times: number[] = [];
    for (let command = 0; command < count; command++) {
      const began = performance.now();
      await client.run(host, 'operator.list', {});
      times.push(performance.now() - began);
    }
    return times;
  };
  return beside === null ? run() : busy(of(beside), run);
};

window.keys = async (way, count) => {
  const { rfb } = of(way);
  const times: number[] = [];
  for (let key = 0; key < count; key++) {
    const rung = new Promise((resolve) => rfb.addEventListener('bell', resolve, { once: true }));
    const began = performance.now();
    rfb.sendKey(A, 'KeyA', true);
    await rung;
    times.push(performance.now() - began);
  }
  return times;
};
