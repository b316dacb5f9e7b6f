// A byte channel without a link: two ends that talk to each other directly, in order, later than they are spoken to.
import { ByteChannel } from '../../src/lib/session/byte-channel.ts';
import type { ByteCarrier } from '../../src/lib/session/byte-channel.ts';

export type JoinedChannels = { readonly agent: ByteChannel; readonly client: ByteChannel };

export function joinedChannels(channel: number): JoinedChannels {
  const carrier = (other: () => ByteChannel): ByteCarrier => ({
    bytes: async (_, data) => {
      await Promise.resolve();
      other().receive(data.slice());
    },
    credit: (_, amount) => {
      other().receiveCredit(amount);
    },
    close: (_, reason) => {
      other().receiveClose(reason);
    },
    narrow: () => false,
    broken: (fault) => {
      throw fault;
    }
  });
  const agent: ByteChannel = new ByteChannel(
    channel,
    carrier(() => client)
  );
  const client: ByteChannel = new ByteChannel(
    channel,
    carrier(() => agent)
  );
  return { agent, client };
}
