import type { StreamReply, StreamSource } from '../core/reply.ts';

/** `no-transform` keeps compressing middleware and proxies from holding tokens back, `x-accel-buffering` does so for nginx. */
const headers = {
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

/** The reply that a stream of events is. */
export function streamReply(source: StreamSource, contentType: string): StreamReply {
  return { kind: 'stream', status: 200, headers: { 'content-type': contentType, ...headers }, source };
}

/** A stream all of whose frames are there already. */
export function readyStreamReply(frames: readonly (Uint8Array | string)[], contentType: string): StreamReply {
  const source: StreamSource = {
    start(sink) {
      for (const frame of frames) if (frame.length > 0) sink.write(frame);
      sink.end();
    },
    resume() {},
  };
  return streamReply(source, contentType);
}
