export { decodeMessages, decodeSystemInstruction } from './decode-messages.ts';
export { type EncodedMessages, encodeMessages } from './encode-messages.ts';
