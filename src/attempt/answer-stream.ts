import type { GatewayError } from '../core/errors.ts';
import type { StreamReply } from '../core/reply.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import { passThroughWriter, translatingWriter } from './frame-writer.ts';
import { OutputMeter } from './output-meter.ts';
import { type RelayListener, StreamRelay } from './stream-relay.ts';
import { streamReply } from './stream-reply.ts';

/** A streamed answer: the relay that carries it, and its form in the caller's dialect. */
export interface AnswerStream {
  readonly relay: StreamRelay;
  reply(): StreamReply;
  /** Ends it as broken, with the dialect's own error as the last frame. */
  fail(error: GatewayError): void;
}

export interface AnswerStreamListener extends RelayListener {
  /** It has used more than was set aside for it. */
  onExceeded(): void;
}

export function answerStream(plan: AttemptPlan, listener: AnswerStreamListener): AnswerStream {
  const encoder = plan.inbound.stream.encoder(plan.reply);
  const { framing } = plan.outbound.stream;
  const { includeUsage } = plan.reply;
  const { exceededBy } = plan;
  const relay: StreamRelay = new StreamRelay({
    framing,
    decoder: plan.outbound.stream.decoder(),
    writer: plan.passThrough ? passThroughWriter(encoder, { framing, includeUsage }) : translatingWriter(encoder),
    meter: new OutputMeter(plan.reply.model),
    listener:
      exceededBy === undefined
        ? listener
        : { ...listener, onOutput: () => isExceeded(relay.meter, exceededBy) && listener.onExceeded() },
  });
  return {
    relay,
    reply: () => streamReply(relay, encoder.contentType),
    fail: (error) => relay.fail(encoder.fail(error)),
  };
}

/** Tokens are counted only when not even the largest number the text could have would do. */
function isExceeded(meter: OutputMeter, exceededBy: (outputTokens: number) => boolean): boolean {
  return exceededBy(meter.atMost) && exceededBy(meter.tokens);
}
