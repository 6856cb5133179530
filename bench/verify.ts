import { request } from 'node:http';
import { faultOf } from './exchange/check-answer.ts';
import { firstPiece, lastPiece } from './exchange/text.ts';
import type { CallSpec } from './load/protocol.ts';

const limitMs = 10_000;
/** The provider's pace for this: a stream takes about 300 ms. */
export const verifyPaceMs = 5;
/** A stream that was held back arrives all at once. */
const leastSpreadMs = 150;

/**
 * Sends one call by another client than the one that measures, and looks at the whole answer.
 *
 * @returns what is wrong with it
 */
export async function verifyAnswer(spec: CallSpec): Promise<string | undefined> {
  const answer = await call(spec);
  if (answer.status !== 200) return `status ${answer.status}: ${answer.body.slice(0, 300)}`;
  const fault = faultOf(spec.expected, answer.body);
  if (fault !== undefined || !spec.expected.stream) return fault;
  if (!/^text\/event-stream/.test(answer.contentType)) return `content type ${answer.contentType}`;
  if (answer.spreadMs < leastSpreadMs) return `does not stream: all of it came within ${answer.spreadMs.toFixed(0)} ms`;
  return undefined;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Milliseconds between the arrival of the first and of the last words. */
  readonly spreadMs: number;
}

function call(spec: CallSpec): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: spec.port,
        path: spec.path,
        method: 'POST',
        agent: false,
        timeout: limitMs,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(spec.body),
          ...spec.headers,
        },
      },
      (incoming) => {
        let body = '';
        let firstAt = Number.NaN;
        let lastAt = Number.NaN;
        incoming.setEncoding('utf8');
        incoming.on('data', (text: string) => {
          body += text;
          if (Number.isNaN(firstAt) && body.includes(firstPiece)) firstAt = performance.now();
          if (Number.isNaN(lastAt) && body.includes(lastPiece)) lastAt = performance.now();
        });
        incoming.on('error', reject);
        incoming.on('end', () => {
          const contentType = incoming.headers['content-type'] ?? '';
          resolve({ status: incoming.statusCode ?? 0, contentType, body, spreadMs: lastAt - firstAt });
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${limitMs} ms`)));
    outgoing.on('error', reject);
    outgoing.end(spec.body);
  });
}
