import { upstreams } from '../exchange/check-answer.ts';
import { openaiRequest } from '../exchange/openai.ts';
import type { UpstreamName } from '../exchange/upstream.ts';
import { failingPrefix } from '../provider/prepared-answers.ts';
import type { CallOptions, ContenderCall, Task } from './contender.ts';

/** Who answers in the end. */
export function upstreamOf(task: Task): UpstreamName {
  if (task === 'to-anthropic') return 'anthropic';
  return task === 'to-gemini' ? 'gemini' : 'openai';
}

/** The provider's own call: what a contender that translates nothing is sent. */
export function nativeCall(task: Task, stream: boolean): ContenderCall {
  const upstream = upstreams[upstreamOf(task)];
  return {
    path: upstream.path(stream),
    headers: { authorization: 'Bearer bench-provider-key-0123456789' },
    body: upstream.request(stream),
    expected: { upstream: upstream.name, stream, form: 'bytes' },
  };
}

/** An OpenAI call to a gateway, which answers the OpenAI way whoever is behind it. */
export function openaiCall(
  task: Task,
  stream: boolean,
  { model, headers }: { readonly model: string; readonly headers: Readonly<Record<string, string>> },
): ContenderCall {
  return {
    path: '/v1/chat/completions',
    headers,
    body: openaiRequest(model, stream),
    expected: { upstream: upstreamOf(task), stream, form: 'openai-chat' },
  };
}

/** Portkey is told by headers where a call goes. https://portkey.ai/docs/api-reference/inference-api/headers */
export function portkeyCall(task: Task, stream: boolean, providerOrigin: string): ContenderCall {
  const upstream = upstreams[upstreamOf(task)];
  return openaiCall(task, stream, { model: upstream.model, headers: portkeyHeaders(task, providerOrigin) });
}

function portkeyHeaders(task: Task, providerOrigin: string): Record<string, string> {
  const key = 'bench-provider-key-0123456789';
  if (task === 'fallback') {
    const link = (base: string): object => ({ provider: 'openai', api_key: key, custom_host: base });
    const targets = [link(`${providerOrigin}${failingPrefix}/v1`), link(`${providerOrigin}/v1`)];
    return { 'x-portkey-config': JSON.stringify({ strategy: { mode: 'fallback' }, targets }) };
  }
  const providers: Record<UpstreamName, readonly [name: string, base: string]> = {
    openai: ['openai', `${providerOrigin}/v1`],
    anthropic: ['anthropic', `${providerOrigin}/v1`],
    gemini: ['google', providerOrigin],
  };
  const [name, base] = providers[upstreamOf(task)];
  return { authorization: `Bearer ${key}`, 'x-portkey-provider': name, 'x-portkey-custom-host': base };
}

/** The keys callers of this package's contenders send, where `auth` is mounted. */
export const callerKeys: readonly string[] = Array.from(
  { length: 10_000 },
  (_, index) => `bench-key-0123456789abcdef-${index}`,
);

/** The chain whose first link fails. */
export const chainModel = 'bench-chain';

export function oursCall(task: Task, { stream, callers }: Pick<CallOptions, 'stream' | 'callers'>): ContenderCall {
  const upstream = upstreams[upstreamOf(task)];
  const model = task === 'fallback' ? chainModel : `${upstream.name}/${upstream.model}`;
  const authorizations = callerKeys.slice(0, callers ?? 1).map((key) => `Bearer ${key}`);
  const call = openaiCall(task, stream, { model, headers: { authorization: authorizations[0] ?? '' } });
  return callers === undefined ? call : { ...call, authorizations };
}
