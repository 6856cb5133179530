import { eventFrame } from '../../src/wire/aws-event-stream-framing.ts';
import type { Exchange } from './exchange.ts';
import { chunksPerStream, completionTokens, padded, promptTokens, streamPieces, wholeText } from './text.ts';

const model = 'anthropic.claude-3-haiku-20240307-v1:0';

function request(): string {
  return padded((filler) => ({
    system: [{ text: 'You are a careful assistant. Answer in one paragraph.' }],
    messages: [{ role: 'user', content: [{ text: filler }] }],
    inferenceConfig: { maxTokens: 512, temperature: 0.7 },
  }));
}

const usage = {
  inputTokens: promptTokens,
  outputTokens: completionTokens,
  totalTokens: promptTokens + completionTokens,
};
const metrics = { latencyMs: 1_234 };
/** AWS makes all frames of a stream about equally long: https://docs.aws.amazon.com/bedrock/latest/userguide/inference-api.html */
const padding = 'abcdefghijklmnopqrst';

function event(type: string, fields: object): Uint8Array {
  return eventFrame(type, JSON.stringify({ ...fields, p: padding }));
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html */
const frames = streamPieces.map((text, index) =>
  Buffer.concat([
    ...(index === 0 ? [event('messageStart', { role: 'assistant' })] : []),
    event('contentBlockDelta', { contentBlockIndex: 0, delta: { text } }),
    ...(index < chunksPerStream - 1
      ? []
      : [
          event('contentBlockStop', { contentBlockIndex: 0 }),
          event('messageStop', { stopReason: 'end_turn' }),
          event('metadata', { metrics, usage }),
        ]),
  ]),
);

export const bedrock: Exchange = {
  dialect: 'bedrock-converse',
  model,
  origin: { model, stream: true },
  request,
  whole: padded((filler) => ({
    metrics,
    output: { message: { content: [{ text: wholeText(filler) }], role: 'assistant' } },
    stopReason: 'end_turn',
    usage,
  })),
  frames,
};
