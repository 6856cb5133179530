import type { IncomingMessage } from 'node:http';
import type { JsonValue } from '../core/json.ts';
import type { WireRequest } from './personality.ts';

export interface ReadRequest extends WireRequest {
  readonly bytes: Buffer;
}

/** The whole request, `undefined` when the client went before its end. */
export async function readRequest(message: IncomingMessage): Promise<ReadRequest | undefined> {
  const bytes = await readBytes(message);
  if (bytes === undefined) return undefined;
  const [path = '', query = ''] = splitAt(message.url ?? '', '?');
  return {
    method: message.method ?? '',
    path,
    query: new URLSearchParams(query),
    headers: message.headers,
    bytes,
    json: parse(bytes),
  };
}

async function readBytes(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) {
      if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    }
  } catch {
    // The only error of an incoming message: its connection closed too early.
    return undefined;
  }
  return Buffer.concat(chunks);
}

function splitAt(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function parse(bytes: Buffer): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(bytes.toString('utf8'));
    return value;
  } catch {
    return undefined;
  }
}
