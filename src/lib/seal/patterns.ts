// The Noise message patterns that go over the wire (Noise Protocol Framework revision 34, sections 7 to 9; docs/WIRE.md).
// IKhfs follows the hybrid forward secrecy draft of 2018, with a KEM in place of its `f`: the frozen text is in docs/WIRE.md.

export type Token = 'e' | 's' | 'ee' | 'es' | 'se' | 'ss' | 'psk' | 'e1' | 'ekem1';
export type Pattern = {
  readonly name: string;
  /** Static keys each side's peer knows beforehand. */
  readonly initiatorKnown: boolean;
  readonly responderKnown: boolean;
  /** Tokens of each message; the initiator writes the first, then they take turns (one-way patterns have one). */
  readonly messages: readonly (readonly Token[])[];
};

export const IK: Pattern = {
  name: 'IK',
  initiatorKnown: false,
  responderKnown: true,
  messages: [
    ['e', 'es', 's', 'ss'],
    ['e', 'ee', 'se']
  ]
};

export const IKPSK2: Pattern = {
  name: 'IKpsk2',
  initiatorKnown: false,
  responderKnown: true,
  messages: [
    ['e', 'es', 's', 'ss'],
    ['e', 'ee', 'se', 'psk']
  ]
};

export const IKHFS: Pattern = {
  name: 'IKhfs',
  initiatorKnown: false,
  responderKnown: true,
  messages: [
    ['e', 'es', 'e1', 's', 'ss'],
    ['e', 'ee', 'ekem1', 'se']
  ]
};
