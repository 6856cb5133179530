import { crc32 } from 'node:zlib';
import { EventStreamError, type HeaderValue, readHeaders, writeHeaders } from './aws-event-stream-headers.ts';

export { EventStreamError, type HeaderValue } from './aws-event-stream-headers.ts';

/** One message of an `application/vnd.amazon.eventstream`. https://smithy.io/2.0/aws/amazon-eventstream.html */
export interface EventStreamMessage {
  readonly headers: ReadonlyMap<string, HeaderValue>;
  readonly payload: Uint8Array;
}

/** Total length, length of the headers, checksum of the two: 4 bytes each. */
export const preludeLength = 12;
const checksumLength = 4;
const leastLength = preludeLength + checksumLength;

/**
 * The length of the message that begins with these bytes.
 *
 * @param prelude at least `preludeLength` bytes
 * @throws EventStreamError when they begin no message
 */
export function messageLength(prelude: Uint8Array): number {
  const view = viewOf(prelude);
  const total = view.getUint32(0);
  const headers = view.getUint32(4);
  if (crc32(prelude.subarray(0, 8)) !== view.getUint32(8)) {
    throw new EventStreamError('The checksum of a prelude does not fit.');
  }
  if (total < leastLength || headers > total - leastLength)
    throw new EventStreamError('A message has no valid length.');
  return total;
}

/**
 * @param bytes one whole message
 * @throws EventStreamError
 */
export function readMessage(bytes: Uint8Array): EventStreamMessage {
  if (bytes.length < leastLength || messageLength(bytes) !== bytes.length) {
    throw new EventStreamError('A message has not the length it announces.');
  }
  const view = viewOf(bytes);
  const end = bytes.length - checksumLength;
  if (crc32(bytes.subarray(0, end)) !== view.getUint32(end)) {
    throw new EventStreamError('The checksum of a message does not fit.');
  }
  const payloadStart = preludeLength + view.getUint32(4);
  return {
    headers: readHeaders(bytes.subarray(preludeLength, payloadStart)),
    payload: bytes.subarray(payloadStart, end),
  };
}

export function writeMessage({ headers, payload }: EventStreamMessage): Uint8Array {
  const head = writeHeaders(headers);
  const bytes = Buffer.alloc(leastLength + head.length + payload.length);
  const end = bytes.length - checksumLength;
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(head.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  bytes.set(head, preludeLength);
  bytes.set(payload, preludeLength + head.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, end)), end);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
