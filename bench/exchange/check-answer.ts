import { anthropic } from './anthropic.ts';
import { gemini } from './gemini.ts';
import { openai } from './openai.ts';
import { completionTokens, promptTokens, streamText } from './text.ts';
import type { Upstream, UpstreamName } from './upstream.ts';

export const upstreams: Readonly<Record<UpstreamName, Upstream>> = { openai, anthropic, gemini };

/** What a contender must answer with. */
export interface ExpectedAnswer {
  /** Who answers behind the contender. */
  readonly upstream: UpstreamName;
  readonly stream: boolean;
  /** `bytes`: exactly what the provider sent. `openai-chat`: the same meaning, said the OpenAI way. */
  readonly form: 'bytes' | 'openai-chat';
}

/** Says what is wrong with an answer; `undefined` when nothing is. */
export function faultOf(expected: ExpectedAnswer, body: string): string | undefined {
  const upstream = upstreams[expected.upstream];
  if (expected.form === 'bytes') {
    const sent = expected.stream ? upstream.frames.join('') : upstream.whole;
    return body === sent ? undefined : `not the bytes the provider sent: ${excerpt(body)}`;
  }
  try {
    return expected.stream ? streamFault(body) : wholeFault(body, upstream.wholeText);
  } catch (thrown) {
    return `unreadable (${String(thrown)}): ${excerpt(body)}`;
  }
}

function excerpt(text: string): string {
  return text.length <= 400 ? text : `${text.slice(0, 300)} ... ${text.slice(-100)}`;
}

interface WholeAnswer {
  readonly choices: readonly { readonly message: { readonly content: string }; readonly finish_reason: string }[];
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number };
}

function wholeFault(body: string, text: string): string | undefined {
  const answer: WholeAnswer = JSON.parse(body);
  const choice = answer.choices[0];
  if (choice?.message.content !== text) return `wrong text: ${excerpt(body)}`;
  if (choice.finish_reason !== 'stop') return `finish reason ${choice.finish_reason}`;
  if (answer.usage.prompt_tokens !== promptTokens) return `prompt_tokens ${answer.usage.prompt_tokens}`;
  if (answer.usage.completion_tokens !== completionTokens) return `completion_tokens ${answer.usage.completion_tokens}`;
  return undefined;
}

interface StreamChunk {
  readonly choices: readonly {
    readonly delta?: { readonly content?: string | null };
    readonly finish_reason?: string | null;
  }[];
}

function streamFault(body: string): string | undefined {
  const events = body.split('\n\n').flatMap((frame) => (frame.startsWith('data:') ? [frame.slice(5).trim()] : []));
  if (events.at(-1) !== '[DONE]') return `no [DONE] at the end: ${excerpt(body)}`;
  let text = '';
  const reasons: string[] = [];
  for (const event of events.slice(0, -1)) {
    const chunk: StreamChunk = JSON.parse(event);
    const choice = chunk.choices[0];
    text += choice?.delta?.content ?? '';
    if (choice?.finish_reason) reasons.push(choice.finish_reason);
  }
  if (text !== streamText) return `wrong text: ${excerpt(text)}`;
  if (reasons.join() !== 'stop') return `finish reasons: ${reasons.join() || 'none'}`;
  return undefined;
}
