import type { StreamFraming } from '../personality.ts';

/** One JSON text per line. There are no comments: a blank line is what keeps such a stream busy. */
export const ndjsonFraming: StreamFraming = {
  contentType: 'application/x-ndjson',
  comment: '\n',
  frames: (events) =>
    events.map(({ kind, data }) => ({ kind, data: `${typeof data === 'string' ? data : JSON.stringify(data)}\n` })),
};
