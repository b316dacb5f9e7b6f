// The brands of the straight line: a message is Xml, then Segment, then Sealed, then Frame, and back.
// A function takes exactly the brand its stage produces, so skipping a stage does not compile (docs/WIRE.md).

declare const stage: unique symbol;
type Stage<Name extends string> = Uint8Array<ArrayBuffer> & { readonly [stage]: Name };

/** UTF-8 bytes of one well-formed `urn:smps:1` document, at most 4 MiB. Made by `protocol/codec.encode`. */
export type Xml = Stage<'xml'>;
/** `kind u8 | channel u32be | data`: what one record carries, at most 64 KiB. Made by `protocol/segment`. */
export type Segment = Stage<'segment'>;
/** One sealed record: 10-byte header, ciphertext, tag. Made by `seal/record.seal`. */
export type Sealed = Stage<'sealed'>;
/** `kind u8 | link u32be | payload`: one WebSocket message. Made by `frame/frame.pack`. */
export type Frame = Stage<'frame'>;
