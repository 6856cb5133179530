import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { ChatEvent } from '../../../src/dialects/canonical.ts';
import type { Dialect, WireEvent } from '../../../src/dialects/dialect.ts';

export interface AnyAnswerBody {
  readonly dialect: Dialect;
  /** Bodies with any JSON where the dialect looks for its own. */
  readonly bodies: (inner: unknown, outer: unknown) => readonly unknown[];
  /** Streams with any JSON where the dialect looks for its own. */
  readonly streams: (inner: unknown, outer: unknown) => readonly (readonly WireEvent[])[];
  /** How many events one stream stays under. */
  readonly eventsUnder: number;
}

/** Whatever a provider sends is read or refused as an invalid answer; in a stream nothing is thrown. */
export function expectReadOrRefused({ dialect, bodies, streams, eventsUnder }: AnyAnswerBody): void {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (inner, outer) => {
      for (const body of bodies(inner, outer)) {
        try {
          dialect.response.decode(JSON.parse(JSON.stringify(body)));
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'upstream_invalid_response' });
        }
      }
      for (const stream of streams(inner, outer)) {
        const events: ChatEvent[] = [];
        const decoder = dialect.stream.decoder();
        for (const event of stream) decoder.push(event, events);
        decoder.end(events);
        expect(events.length).toBeLessThan(eventsUnder);
      }
    }),
    { numRuns: 500, seed: 13 },
  );
}
