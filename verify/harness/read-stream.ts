import type { ChatAnswer, ChatEvent, Choice } from '../../src/dialects/canonical.ts';
import { collectEvents } from '../../src/dialects/collect.ts';
import type { WireEvent } from '../../src/dialects/dialect.ts';
import { dialectOf } from '../../src/dialects/index.ts';
import type { PlayedDialect } from '../../src/testing/personality.ts';

/** What a stream says, as a client library reads it. @throws GatewayError when it is broken or not complete */
export function readStream(bytes: string | Buffer, dialect: PlayedDialect): ChatAnswer {
  const events: ChatEvent[] = [];
  const decoder = dialectOf(dialect).stream.decoder();
  for (const event of wireEvents(bytes, dialect)) decoder.push(event, events);
  decoder.end(events);
  return collectEvents(events);
}

/** The events of a stream, before anything is made of them. @throws Error when the bytes can be no stream */
export function wireEvents(bytes: string | Buffer, dialect: PlayedDialect): readonly WireEvent[] {
  const events: WireEvent[] = [];
  const frames = dialectOf(dialect).stream.framing.reader(({ event, data }) => {
    if (data !== undefined) events.push({ event, data });
  });
  frames.push(Buffer.from(bytes));
  frames.end();
  return events;
}

/** What no dialect may lose of an answer: the text, the tool calls and how it finished. */
export function substance({ choices }: ChatAnswer): string {
  return JSON.stringify(choices.map(({ parts, finishReason }) => [textOf(parts), toolsOf(parts), finishReason]));
}

/** The same of a stream that may be broken. */
export function meaning(bytes: string | Buffer, dialect: PlayedDialect): string {
  try {
    return substance(readStream(bytes, dialect));
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
