// What stands for a VM's console in the console benchmark: a TCP server that sends back what it gets, except that `!` and a
// number (u32be) asks it for so many bytes, as fast as they are taken.
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

const BLOCK = Buffer.alloc(65_536, 'screen ');
const ASK = '!'.charCodeAt(0);

function flood(socket: Socket, left: number): void {
  while (left > 0) {
    const size = Math.min(left, BLOCK.length);
    left -= size;
    if (socket.write(BLOCK.subarray(0, size))) continue;
    socket.once('drain', () => flood(socket, left));
    return;
  }
}

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    if (data[0] === ASK && data.length === 5) flood(socket, data.readUInt32BE(1));
    else socket.write(data);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ event: 'listening', port: (server.address() as AddressInfo).port }));
});
process.once('SIGTERM', () => process.exit(0));
