import type { StreamEvent, StreamFraming } from './personality.ts';

/** https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
export function sseFraming(format: { readonly lineEnd: '\n' | '\r\n'; readonly contentType: string }): StreamFraming {
  const { lineEnd, contentType } = format;
  return {
    contentType,
    comment: `: processing${lineEnd}${lineEnd}`,
    frames: (events) => events.map((event) => ({ kind: event.kind, data: frame(event, lineEnd) })),
  };
}

function frame({ event, data }: StreamEvent, lineEnd: string): string {
  const name = event === undefined ? '' : `event: ${event}${lineEnd}`;
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return `${name}data: ${text}${lineEnd}${lineEnd}`;
}
