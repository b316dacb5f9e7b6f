// The least a WebSocket server can do: `ws`, and every message sent back. What the gateway's throughput is measured against.
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false }, () => {
  console.log(JSON.stringify({ event: 'listening', port: (server.address() as AddressInfo).port }));
});
server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
process.once('SIGTERM', () => process.exit(0));
