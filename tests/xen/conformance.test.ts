// The conformance suite on real Xen PV guests.
import { afterAll, beforeAll, describe } from 'vitest';
import { conformance } from '../conformance/suite.ts';
import { startXenHost } from './host/host.ts';
import type { XenHost } from './host/host.ts';
import { xenSubject } from './xen-subject.ts';

describe('Xen PV through libvirt', () => {
  let host: XenHost;
  beforeAll(async () => {
    host = await startXenHost({ name: 'xen-conformance' });
  });
  afterAll(() => host.stop());
  conformance(() => xenSubject(host, 'pv'));
});
