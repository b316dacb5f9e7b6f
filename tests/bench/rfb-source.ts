// What stands for a VM's screen in the screen benchmark: RFB 3.8 (RFC 6143) over TCP without a password. Asked for changes it
// sends the whole picture again at once while it is busy, which the key F1 begins and F2 ends; any other key rings the bell.
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

const [WIDTH, HEIGHT] = [800, 600];
const [F1, F2] = [0xffbe, 0xffbf];
/** 32 bits a pixel, 24 of colour, true colour, red in the lowest byte: noVNC's own order. */
const FORMAT = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16, 0, 0, 0];
const BELL = Buffer.from([2]);
/** Lengths of the client's messages by kind, RFC 6143 7.5; SetEncodings says its own. */
const LENGTHS: Readonly<Record<number, number>> = { 0: 20, 3: 10, 4: 8, 5: 6 };

const picture = Buffer.alloc(16 + 4 * WIDTH * HEIGHT, 'screen ');
picture.fill(0, 0, 16);
picture.writeUInt16BE(1, 2);
picture.writeUInt16BE(WIDTH, 8);
picture.writeUInt16BE(HEIGHT, 10);

const init = Buffer.concat([Buffer.alloc(4), Buffer.from(FORMAT), Buffer.from([0, 0, 0, 1, 0x78])]);
init.writeUInt16BE(WIDTH, 0);
init.writeUInt16BE(HEIGHT, 2);

function serve(socket: Socket): void {
  socket.on('error', () => undefined);
  let [unread, busy, wanted] = [Buffer.alloc(0), false, false];
  const take = (length: number): Buffer | null => {
    if (unread.length < length) return null;
    const taken = unread.subarray(0, length);
    unread = unread.subarray(length);
    return taken;
  };
  const message = (): boolean => {
    const kind = unread[0];
    if (kind === undefined || (kind === 2 && unread.length < 4)) return false;
    const length = kind === 2 ? 4 + 4 * unread.readUInt16BE(2) : LENGTHS[kind];
    if (length === undefined) throw new Error(`a client's message of kind ${kind}`);
    const said = take(length);
    if (said === null) return false;
    if (kind === 4 && said[1] === 1) key(said.readUInt32BE(4));
    if (kind === 3) {
      // The first picture is for whoever asks for one; after it only a busy screen changes.
      if (busy || said[1] === 0) socket.write(picture);
      else wanted = true;
    }
    return true;
  };
  const key = (keysym: number): void => {
    if (keysym === F1) {
      busy = true;
      if (wanted) socket.write(picture);
      wanted = false;
    } else if (keysym === F2) busy = false;
    else socket.write(BELL);
  };
  const greet = [
    () => take(12) && socket.write(Buffer.from([1, 1])),
    () => take(1) && socket.write(Buffer.alloc(4)),
    () => take(1) && socket.write(init)
  ];
  socket.write('RFB 003.008\n');
  socket.on('data', (data) => {
    unread = Buffer.concat([unread, data]);
    while (greet[0] === undefined ? message() : greet[0]() !== null) greet.shift();
  });
}

const server = createServer({ noDelay: true }, serve);
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ event: 'listening', port: (server.address() as AddressInfo).port }));
});
process.once('SIGTERM', () => process.exit(0));
