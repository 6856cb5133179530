import { expect, it } from '@jest/globals';
import type { DialectName } from '../../../src/core/dialect-name.ts';
import type { ChatRequest } from '../../../src/dialects/canonical.ts';
import type { Dialect } from '../../../src/dialects/dialect.ts';
import { deepFreeze } from './deep-freeze.ts';
import { plainRequest, richRequest } from './samples.ts';

interface Parameter {
  /** As OpenAI's callers name it. */
  readonly names: readonly string[];
  readonly change: Partial<ChatRequest>;
  readonly base?: ChatRequest;
}

/** Every parameter of the canonical request, with a value that is nobody's default. */
const parameters: readonly Parameter[] = [
  { names: ['tools'], change: richRequest.tools === undefined ? {} : { tools: richRequest.tools } },
  { names: ['tool_choice'], change: { toolChoice: { type: 'required' } }, base: richRequest },
  { names: ['tool_choice'], change: { toolChoice: { type: 'none' } }, base: richRequest },
  { names: ['tool_choice'], change: { toolChoice: { type: 'tool', name: 'weather' } }, base: richRequest },
  { names: ['parallel_tool_calls'], change: { parallelToolCalls: false }, base: richRequest },
  { names: ['max_tokens', 'max_completion_tokens'], change: { maxOutputTokens: 321 } },
  { names: ['temperature'], change: { temperature: 0.25 } },
  { names: ['top_p'], change: { topP: 0.35 } },
  { names: ['top_k'], change: { topK: 17 } },
  { names: ['presence_penalty'], change: { presencePenalty: 0.45 } },
  { names: ['frequency_penalty'], change: { frequencyPenalty: 0.55 } },
  { names: ['seed'], change: { seed: 42 } },
  { names: ['stop'], change: { stop: ['END', 'FIN'] } },
  { names: ['n'], change: { choiceCount: 3 } },
  { names: ['logprobs'], change: { logprobs: true } },
  { names: ['top_logprobs'], change: { topLogprobs: 4 }, base: { ...plainRequest, logprobs: true } },
  { names: ['response_format'], change: { responseFormat: { type: 'json' } } },
  {
    names: ['response_format'],
    change: {
      responseFormat: {
        type: 'json-schema',
        name: 'city',
        schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      },
    },
  },
  {
    names: ['reasoning_effort', 'reasoning'],
    change: { reasoning: { effort: 'high' } },
  },
  { names: ['user'], change: { user: 'user-17' } },
];

const dialectNames: readonly DialectName[] = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'bedrock-converse',
  'cohere-chat',
  'ollama-chat',
];

export function parameterLaws(makeDialect: () => Dialect): void {
  const dialect = makeDialect();
  const encode = (request: ChatRequest) => dialect.request.encode(deepFreeze(request), { model: 'target-model' });

  for (const { names, change, base = plainRequest } of parameters) {
    it(`sends or reports as dropped: ${JSON.stringify(change).slice(0, 60)}`, () => {
      const encoded = encode({ ...base, ...change });
      const reported = encoded.dropped.some((name) => names.includes(name));
      const sent = JSON.stringify(encoded.body) !== JSON.stringify(encode(base).body);
      expect({ sentOrReported: sent || reported }).toEqual({ sentOrReported: true });
    });
  }

  it('reports nothing as dropped when nothing is', () => {
    expect(encode(plainRequest).dropped).toEqual([]);
  });

  for (const foreign of dialectNames.filter((name) => name !== dialect.name)) {
    it(`reports what only ${foreign} knows`, () => {
      const encoded = encode({ ...plainRequest, extensions: { [foreign]: { a_parameter_of_its_own: 1 } } });
      expect(encoded.dropped).toEqual(['a_parameter_of_its_own']);
      expect(JSON.stringify(encoded.body)).not.toContain('a_parameter_of_its_own');
    });
  }
}
