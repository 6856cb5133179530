import { faultOf } from '../exchange/check-answer.ts';
import { firstPiece, lastPiece } from '../exchange/text.ts';
import type { HttpConnection } from './http-connection.ts';
import type { CallSpec } from './protocol.ts';

export interface FinishedCall {
  /** What is wrong with the answer. */
  readonly fault: string | undefined;
  /** Milliseconds from sending until the first output arrived; for a whole answer until its end. */
  readonly firstOutputMs: number;
}

/** A call ready to be sent, again and again. */
export interface PreparedCall {
  /** The bytes of the next one: the callers take turns. */
  next(): Buffer;
  readonly spec: CallSpec;
}

export function prepareCall(spec: CallSpec): PreparedCall {
  const turns = spec.authorizations?.map((authorization) => ({ ...spec.headers, authorization })) ?? [spec.headers];
  const requests = turns.map((headers) => requestBytes(spec, headers));
  let sent = 0;
  return {
    next() {
      const bytes = requests[sent % requests.length];
      if (bytes === undefined) throw new Error('A call without a caller.');
      sent += 1;
      return bytes;
    },
    spec,
  };
}

function requestBytes(spec: CallSpec, callHeaders: CallSpec['headers']): Buffer {
  const headers = Object.entries({
    host: `127.0.0.1:${spec.port}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(spec.body)),
    ...callHeaders,
  });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`POST ${spec.path} HTTP/1.1\r\n${lines}\r\n${spec.body}`);
}

/** How closely an answer is looked at. `marker`: status and last words only, where thousands a second are checked. */
export type Scrutiny = 'full' | 'marker';

export interface CallHooks {
  readonly onFirstOutput?: () => void;
  readonly onFinished: (call: FinishedCall) => void;
}

const firstOutput = Buffer.from(firstPiece);
const lastOutput = Buffer.from(lastPiece);

export function sendCall(
  connection: HttpConnection,
  { next, spec }: PreparedCall,
  { scrutiny, hooks }: { readonly scrutiny: Scrutiny; readonly hooks: CallHooks },
): void {
  const sentAt = performance.now();
  const parts: Buffer[] = [];
  let status = 0;
  let firstOutputMs: number | undefined;
  const finish = (fault: string | undefined): void =>
    hooks.onFinished({ fault, firstOutputMs: firstOutputMs ?? performance.now() - sentAt });
  connection.send(next(), {
    onStatus: (received) => {
      status = received;
    },
    onBody: (part) => {
      parts.push(part);
      if (firstOutputMs !== undefined || !spec.expected.stream || !joined(parts).includes(firstOutput)) return;
      firstOutputMs = performance.now() - sentAt;
      hooks.onFirstOutput?.();
    },
    onEnd: () => {
      const body = joined(parts);
      if (status !== 200) return finish(`status ${status}: ${body.toString().slice(0, 300)}`);
      if (scrutiny === 'full') return finish(faultOf(spec.expected, body.toString()));
      return finish(body.includes(lastOutput) ? undefined : `cut: ${body.toString().slice(0, 300)}`);
    },
    onFault: (message) => finish(message),
  });
}

function joined(parts: readonly Buffer[]): Buffer {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}
