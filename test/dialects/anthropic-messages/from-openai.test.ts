import { expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.ts';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { describeCorpus } from '../../support/corpus.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';
import { expectOutgoing } from './outgoing.ts';

const folders = ['openai-chat', 'azure-chat', 'deepseek-chat', 'mistral-chat', 'openrouter-chat', 'groq-chat'];
/** Nothing but audio, which the API does not take. */
const unreadable = 'openai-chat/5eee16b9b0-json-misc.json';
const models = ['claude-3-5-haiku-20241022', 'claude-sonnet-4-5', 'claude-opus-4-6', 'claude-opus-5-5'];

describeCorpus('recorded requests of OpenAI callers', folders, (records) => {
  const sent = records.filter(({ request, status }) => request !== undefined && status === 200);
  const readable = sent.filter(({ file }) => file !== unreadable);

  for (const model of models) {
    it(`go to ${model} with nothing the API would not take`, () => {
      for (const { file, request } of readable) {
        const body: JsonObject = deepFreeze(JSON.parse(request?.body ?? ''));
        try {
          expectOutgoing(translate(body, model).body);
        } catch (cause) {
          throw new Error(file, { cause });
        }
      }
    });
  }

  it('are refused when the model can read nothing of them', () => {
    const record = sent.find(({ file }) => file === unreadable);
    const body: JsonObject = JSON.parse(record?.request?.body ?? '{"model":"m","messages":[]}');
    expect(() => translate(body, 'claude-opus-5')).toThrow(expect.objectContaining({ param: 'messages', status: 400 }));
  });

  it('keep the cache breakpoints that OpenRouter callers set on parts', () => {
    const cached = readable.filter(({ file }) => file.includes('cache-control') && !file.includes('e4e0958c98'));
    expect(cached).toHaveLength(5);
    for (const { request, file } of cached) {
      const { body, dropped } = translate(JSON.parse(request?.body ?? ''), 'claude-sonnet-4-5');
      expect({ file, kept: JSON.stringify(body).includes('"cache_control":{"ttl":"5m"') }).toEqual({
        file,
        kept: true,
      });
      expect(dropped).not.toContain('cache_control');
    }
  });
});

function translate(body: JsonObject, model: string) {
  const canonical = deepFreeze(openaiChat().request.decode(deepFreeze(body), { model: 'from-the-path' }));
  return anthropicMessages().request.encode(canonical, { model });
}
