import { describe, expect, it } from '@jest/globals';
import { openaiResponses } from '../../../src/dialects/openai-responses/index.ts';
import { openaiResponsesNeeds } from '../../../src/dialects/openai-responses/needs.ts';
import { canonicalNeeds } from '../../../src/dialects/request-needs.ts';
import { samples } from './samples.ts';

describe('what a request needs', () => {
  it.each(samples.requests.map(({ name, body }) => [name, body] as const))(
    'is read of %s as it would be after decoding',
    (_, body) => {
      const decoded = canonicalNeeds(openaiResponses().request.decode(body, {}));
      const read = openaiResponsesNeeds(body);
      expect([...read.needs].toSorted()).toEqual([...decoded.needs].toSorted());
      expect(read.maxOutputTokens).toBe(decoded.maxOutputTokens);
    },
  );

  it('is read of requests that cannot be decoded', () => {
    const image = { role: 'user', content: [{ type: 'input_image', image_url: 'https://a.example/a.png' }] };
    const body = { model: 'm', previous_response_id: 'resp_1', input: [image], tool_choice: 'required' };
    expect([...openaiResponsesNeeds(body).needs].toSorted()).toEqual(['toolChoice', 'vision']);
  });
});
