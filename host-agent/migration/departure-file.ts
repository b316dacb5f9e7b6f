// A departure as it is written down. It holds the permit's token: mode 0600, as all in the state directory.
import { commandId, HOST_ID, hostId, UUID, vmId } from '../../src/lib/model/ids.ts';
import { Fields } from '../files/fields.ts';
import type { Departure } from './departures.ts';

export const isDepartureFile = (name: string): boolean => name.endsWith('.json') && UUID.test(name.slice(0, -5));

export const printDeparture = ({ command, args, leaving }: Departure): string =>
  `${JSON.stringify({ version: 1, command, ...args, ...leaving })}\n`;

/** @throws Fault `corrupt-state` */
export function parseDeparture(file: string, text: string): Departure {
  const fields = Fields.parse(file, text);
  fields.whole('version', 1, 1);
  const departure: Departure = {
    command: commandId(fields.text('command', UUID)),
    args: {
      vm: vmId(fields.text('vm', UUID)),
      to: hostId(fields.text('to', HOST_ID)),
      url: fields.text('url', /^https:\/\//),
      pin: fields.text('pin', /^sha256:/),
      token: fields.text('token', /^[A-Za-z0-9_-]{43}$/),
      bandwidth: fields.maybe('bandwidth', () => fields.whole('bandwidth', 1)),
      autoConverge: fields.flag('autoConverge'),
      // An older agent wrote none.
      downtime: fields.maybe('downtime', () => fields.whole('downtime', 1))
    },
    leaving: {
      running: fields.flag('running'),
      // An older agent wrote none.
      autostart: fields.maybe('autostart', () => fields.flag('autostart')) ?? false,
      volumes: fields.list('volumes', (item) => ({ pool: item.text('pool'), volume: item.text('volume') })),
      stays: fields.maybe('stays', () => fields.text('stays'))
    }
  };
  fields.end();
  return departure;
}
