import type { IncomingMessage } from 'node:http';
import type { JsonValue } from '../core/json.ts';
import type { WireRequest } from './personality.ts';

export interface ReadRequest extends WireRequest {
  readonly bytes: Buffer;
}

/** The whole request. @throws when the client goes before its body is complete */
export async function readRequest(message: IncomingMessage): Promise<ReadRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) {
    if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
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
