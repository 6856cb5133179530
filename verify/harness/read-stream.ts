import type { ChatAnswer, ChatEvent, Choice } from '../../src/dialects/canonical.ts';
import { collectEvents } from '../../src/dialects/collect.ts';
import { dialectOf } from '../../src/dialects/index.ts';
import type { PlayedDialect } from '../../src/testing/personality.ts';
import { SseDecoder } from '../../src/wire/sse-decoder.ts';

/** What a stream says, as a client library reads it. @throws GatewayError when it is broken or not complete */
export function readStream(bytes: string | Buffer, dialect: PlayedDialect): ChatAnswer {
  const events: ChatEvent[] = [];
  const decoder = dialectOf(dialect).stream.decoder();
  const frames = new SseDecoder(({ event, data }) => {
    if (data !== undefined) decoder.push({ event, data }, events);
  });
  frames.push(Buffer.from(bytes));
  frames.end();
  decoder.end(events);
  return collectEvents(events);
}

/** What no dialect may lose of an answer: the text, the tool calls and how it finished. */
export function substance({ choices }: ChatAnswer): string {
  return JSON.stringify(choices.map(({ parts, finishReason }) => [textOf(parts), toolsOf(parts), finishReason]));
}

/** The same of a stream that may be broken. */
export function meaning(text: string, dialect: PlayedDialect): string {
  try {
    return substance(readStream(text, dialect));
  } catch {
    return 'unreadable';
  }
}

type Parts = Choice['parts'];

function textOf(parts: Parts): string {
  return parts.map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : '')).join('');
}

/** Arguments as values: dialects that send them as objects write them in their own way. */
function toolsOf(parts: Parts): readonly (readonly [string, unknown])[] {
  return parts.flatMap((part) => (part.type === 'tool-call' ? [[part.name, JSON.parse(part.arguments)] as const] : []));
}
