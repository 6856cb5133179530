import { anthropic } from '../exchange/anthropic.ts';
import { gemini } from '../exchange/gemini.ts';
import { openai, openaiFrames } from '../exchange/openai.ts';
import type { ReceivedRequest } from './request-reader.ts';

/** An answer ready to be written. */
export type Prepared =
  | { readonly kind: 'whole'; readonly bytes: Buffer; readonly refused: boolean }
  | { readonly kind: 'stream'; readonly head: Buffer; readonly frames: readonly Buffer[] };

/** Calls below this path go to a link that refuses them. */
export const failingPrefix = '/failing';

function whole(status: string, body: string): Prepared {
  const bytes = Buffer.from(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `x-request-id: req_bench\r\n\r\n${body}`,
  );
  return { kind: 'whole', bytes, refused: !status.startsWith('200') };
}

/** Each frame is one HTTP chunk; the last one carries the end of the body. */
function stream(frames: readonly string[]): Prepared {
  const chunks = frames.map((frame) => `${Buffer.byteLength(frame).toString(16)}\r\n${frame}\r\n`);
  return {
    kind: 'stream',
    head: Buffer.from(
      'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n' +
        'transfer-encoding: chunked\r\nx-request-id: req_bench\r\n\r\n',
    ),
    frames: chunks.map((chunk, index) => Buffer.from(index === chunks.length - 1 ? `${chunk}0\r\n\r\n` : chunk)),
  };
}

const openaiWhole = whole('200 OK', openai.whole);
const openaiStream = stream(openai.frames);
const openaiStreamWithUsage = stream(openaiFrames(true));
const anthropicWhole = whole('200 OK', anthropic.whole);
const anthropicStream = stream(anthropic.frames);
const geminiWhole = whole('200 OK', gemini.whole);
const geminiStream = stream(gemini.frames);
/** A fault every gateway can move on from, and that says nothing of the health of the link. */
const refusal = whole(
  '400 Bad Request',
  JSON.stringify({
    error: {
      message: "This model's maximum context length is 128 tokens.",
      type: 'invalid_request_error',
      param: 'messages',
      code: 'context_length_exceeded',
    },
  }),
);
const unknownPath = whole('404 Not Found', JSON.stringify({ error: { message: 'No such path.', type: 'not_found' } }));

const asksForStream = Buffer.from('"stream":true');
const asksForUsage = Buffer.from('"include_usage":true');

export function preparedAnswer({ path, body }: ReceivedRequest): Prepared {
  if (path.startsWith(failingPrefix)) return refusal;
  if (path.endsWith('/chat/completions')) {
    if (!body.includes(asksForStream)) return openaiWhole;
    return body.includes(asksForUsage) ? openaiStreamWithUsage : openaiStream;
  }
  if (path.endsWith('/messages')) return body.includes(asksForStream) ? anthropicStream : anthropicWhole;
  if (path.includes(':streamGenerateContent')) return geminiStream;
  if (path.includes(':generateContent')) return geminiWhole;
  return unknownPath;
}
