import type { GatewayError } from '../core/errors.ts';
import type { StreamReply } from '../core/reply.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import { passThroughWriter, translatingWriter } from './frame-writer.ts';
import { type RelayListener, StreamRelay } from './stream-relay.ts';
import { streamReply } from './stream-reply.ts';

/** A streamed answer: the relay that carries it, and its form in the caller's dialect. */
export interface AnswerStream {
  readonly relay: StreamRelay;
  reply(): StreamReply;
  /** Ends it as broken, with the dialect's own error as the last frame. */
  fail(error: GatewayError): void;
}

export function answerStream(plan: AttemptPlan, listener: RelayListener): AnswerStream {
  const encoder = plan.inbound.stream.encoder(plan.reply);
  const { framing, decoder } = plan.outbound.stream;
  const { includeUsage } = plan.reply;
  const relay = new StreamRelay({
    framing,
    decoder: decoder(),
    writer: plan.passThrough ? passThroughWriter(encoder, { framing, includeUsage }) : translatingWriter(encoder),
    listener,
  });
  return {
    relay,
    reply: () => streamReply(relay, encoder.contentType),
    fail: (error) => relay.fail(encoder.fail(error)),
  };
}
