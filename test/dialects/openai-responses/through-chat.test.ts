import { describe, expect, it } from '@jest/globals';
import type { ChatAnswer } from '../../../src/dialects/canonical.ts';
import { answerToEvents, collectEvents } from '../../../src/dialects/collect.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { openaiResponses } from '../../../src/dialects/openai-responses/index.ts';
import { bodyText, decodeStream, describeCorpus } from '../../support/corpus.ts';
import { decodedAnswer } from '../contract/answer-laws.ts';
import { isAnswer, recordedFolders } from './recorded.ts';

const chat = openaiChat();
const responses = openaiResponses();
const reply = { model: 'm', fallbackId: 'f', created: 1, includeUsage: true };

/** What a chat caller sends back of an answer, as the Responses API gets it. */
function sentBack(answer: ChatAnswer): string {
  const body = chat.response.encode(answer, reply);
  const choices = body.choices as readonly { message: object }[];
  const messages = [{ role: 'user', content: 'Hi' }, { ...choices[0]?.message }];
  const decoded = chat.request.decode({ model: 'm', messages }, {});
  return JSON.stringify(responses.request.encode(decoded, { model: 'gpt-5' }).body.input);
}

/** The same from the chunks of a stream. */
function streamedBack(answer: ChatAnswer): string {
  const encoder = chat.stream.encoder(reply);
  const text = answerToEvents(answer)
    .map((event) => encoder.encode(event))
    .join('');
  return sentBack(collectEvents(decodeStream(chat.stream.decoder(), [Buffer.from(text)])));
}

describeCorpus('recorded reasoning on its way through chat completions', recordedFolders, (records) => {
  const answers = records.filter(isAnswer).flatMap((record) => {
    const answer = record.stream
      ? collectEvents(decodeStream(responses.stream.decoder(), [record.response.body]))
      : decodedAnswer(responses, JSON.parse(bodyText(record)));
    const parts = answer.choices[0]?.parts ?? [];
    const states = parts.flatMap((part) => {
      const state = part.type === 'reasoning' ? (part.redacted ?? part.signature) : undefined;
      return state?.dialect === 'openai-responses' ? [state.value] : [];
    });
    return states.length === 0 ? [] : [{ file: record.file, answer, states }];
  });

  it.each(answers)('$file comes back byte for byte', ({ answer, states }) => {
    // The value is the item's JSON without its braces and type.
    for (const back of [sentBack(answer), streamedBack(answer)]) {
      for (const state of states) expect(back).toContain(state.slice(1));
    }
  });
});

describe('reasoning items in chat completions', () => {
  it('stand in reasoning_details under their own format', () => {
    const value = '{"id":"rs_1","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"gAAA"}';
    const signature = { dialect: 'openai-responses', value } as const;
    const parts = [
      { type: 'reasoning', text: 'Hm.', signature },
      { type: 'reasoning', text: '', redacted: signature },
      { type: 'text', text: 'Yes.' },
    ] as const;
    const answer: ChatAnswer = { id: 'a', model: 'm', choices: [{ index: 0, parts, finishReason: 'stop' }] };
    expect(chat.response.encode(answer, reply)).toMatchObject({
      choices: [
        {
          message: {
            content: 'Yes.',
            reasoning_content: 'Hm.',
            reasoning_details: [
              { type: 'reasoning.text', text: 'Hm.', signature: value, format: 'openai-responses-v1', index: 0 },
              { type: 'reasoning.encrypted', data: value, format: 'openai-responses-v1', index: 1 },
            ],
          },
        },
      ],
    });
  });
});
