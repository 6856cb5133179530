import type { StreamReply, StreamSource } from '../core/reply.ts';

/** `no-transform` keeps compressing middleware and proxies from holding tokens back, `x-accel-buffering` does so for nginx. */
const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

/** The reply that a stream of events is. */
export function streamReply(source: StreamSource): StreamReply {
  return { kind: 'stream', status: 200, headers, source };
}

/** A stream whose whole text is there already. */
export function readyStreamReply(text: string): StreamReply {
  return streamReply({
    start(sink) {
      sink.write(text);
      sink.end();
    },
    resume() {},
  });
}
