import type { Exchange } from './exchange.ts';
import { chunksPerStream, completionTokens, padded, promptTokens, streamPieces, wholeText } from './text.ts';

const model = 'llama3.2';

function request(stream: boolean): string {
  return padded((filler) => ({
    model,
    messages: [
      { role: 'system', content: 'You are a careful assistant. Answer in one paragraph.' },
      { role: 'user', content: filler },
    ],
    stream,
    options: { num_predict: 512, temperature: 0.7 },
  }));
}

/** https://docs.ollama.com/api/chat. Durations are nanoseconds. */
const statistics = {
  done_reason: 'stop',
  total_duration: 4_883_583_458,
  load_duration: 1_334_875,
  prompt_eval_count: promptTokens,
  prompt_eval_duration: 342_546_000,
  eval_count: completionTokens,
  eval_duration: 4_535_599_000,
};

function answer(content: string): object {
  return { model, created_at: '2025-10-09T08:53:20.000000Z', message: { role: 'assistant', content } };
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

export const ollama: Exchange = {
  dialect: 'ollama-chat',
  model,
  request,
  whole: padded((filler) => ({ ...answer(wholeText(filler)), done: true, ...statistics })),
  frames: streamPieces.map((content, index) => {
    const piece = line({ ...answer(content), done: false });
    return index < chunksPerStream - 1 ? piece : piece + line({ ...answer(''), done: true, ...statistics });
  }),
};
