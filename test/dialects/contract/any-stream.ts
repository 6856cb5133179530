import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { Usage } from '../../../src/core/usage.ts';
import type { ChatEvent, FinishReason, Part } from '../../../src/dialects/canonical.ts';
import { collectEvents } from '../../../src/dialects/collect.ts';
import type { Dialect } from '../../../src/dialects/dialect.ts';
import { decodeStream } from '../../support/corpus.ts';
import { deepFreeze } from './deep-freeze.ts';

export interface StepSources {
  readonly words: fc.Arbitrary<string>;
  /** What the pieces of a call's arguments are. @default words */
  readonly callArguments?: fc.Arbitrary<string>;
  /** Events that not every dialect is given. */
  readonly more?: readonly fc.Arbitrary<ChatEvent>[];
}

/** Steps of a stream as any dialect may give them: parts one after another, calls that overlap. */
export function anySteps({ words, callArguments = words, more = [] }: StepSources): fc.Arbitrary<ChatEvent[]> {
  return fc.array(
    fc.oneof(
      words.map((text): ChatEvent => ({ type: 'text-delta', choice: 0, text })),
      words.map((text): ChatEvent => ({ type: 'reasoning-delta', choice: 0, text })),
      ...more,
      fc.constant<ChatEvent>({ type: 'part-end', choice: 0 }),
      fc.tuple(fc.nat({ max: 2 }), callArguments).map(([index, text]): ChatEvent => {
        return { type: 'tool-call-delta', choice: 0, index, arguments: text };
      }),
      fc.nat({ max: 2 }).map((index): ChatEvent => ({ type: 'tool-call-end', choice: 0, index })),
    ),
    { maxLength: 25 },
  );
}

/** The steps with each call started before its first delta, ended once, and nothing after that. */
export function wellFormed(given: readonly ChatEvent[]): ChatEvent[] {
  const started = new Set<number>();
  const ended = new Set<number>();
  const events: ChatEvent[] = [];
  for (const event of given) {
    if (event.type === 'tool-call-delta' || event.type === 'tool-call-end') {
      // Calls are numbered in the order they start.
      if (!started.has(event.index) && event.index !== started.size) continue;
      if (ended.has(event.index)) continue;
      if (!started.has(event.index)) {
        started.add(event.index);
        events.push(startOfCall(event.index));
      }
      if (event.type === 'tool-call-end') ended.add(event.index);
    }
    events.push(event);
  }
  return events;
}

export function startOfCall(index: number): ChatEvent {
  return { type: 'tool-call-start', choice: 0, index, id: `call_${index}`, name: 'f' };
}

/** A whole stream around well-formed steps. */
export function wholeStream(
  steps: readonly ChatEvent[],
  { reason = 'stop', usage }: { readonly reason?: FinishReason; readonly usage?: Usage } = {},
): ChatEvent[] {
  return [
    { type: 'start', id: 'answer-1', model: 'm' },
    ...steps,
    { type: 'finish', choice: 0, reason },
    ...(usage === undefined ? [] : [{ type: 'usage', usage } as const]),
    { type: 'done' },
  ];
}

export interface AnyStream {
  readonly dialect: Dialect;
  readonly events: fc.Arbitrary<readonly ChatEvent[]>;
  /** What the grammar of the API has against a stream. */
  readonly problems?: (stream: Buffer) => readonly unknown[];
  /** What the callers of the dialect get to see. @default contentOf */
  readonly content?: (parts: readonly Part[]) => unknown;
}

/** A stream of any other dialect reaches the dialect's callers in the grammar of its API, with the same content. */
export function expectSameContent({ dialect, events, problems = () => [], content = contentOf }: AnyStream): void {
  fc.assert(
    fc.property(events, (given) => {
      const encoder = dialect.stream.encoder({ model: 'm', fallbackId: 'f', created: 1, includeUsage: true });
      const stream = Buffer.concat(deepFreeze(given).map((event) => Buffer.from(encoder.encode(event))));
      expect(problems(stream)).toEqual([]);
      const again = collectEvents(decodeStream(dialect.stream.decoder(), [stream], dialect.stream.framing));
      const sent = collectEvents(given.filter((event) => !('choice' in event) || event.choice === 0));
      expect(content(again.choices[0]?.parts ?? [])).toEqual(content(sent.choices[0]?.parts ?? []));
    }),
    { numRuns: 1000, seed: 11 },
  );
}

export function contentOf(parts: readonly Part[]) {
  return {
    text: joinedText(parts, 'text'),
    reasoning: joinedText(parts, 'reasoning'),
    calls: parts.flatMap((part) => (part.type === 'tool-call' ? [[part.id, part.arguments]] : [])),
  };
}

export function joinedText(parts: readonly Part[], ...types: readonly Part['type'][]): string {
  return parts.map((part) => (types.includes(part.type) && 'text' in part ? part.text : '')).join('');
}
