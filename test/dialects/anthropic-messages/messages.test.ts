import { describe, expect, it } from '@jest/globals';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import type { Part } from '../../../src/dialects/canonical.ts';
import { assistantCalls, encode, hello, result, text } from './encode.ts';
import { onePixel } from './samples.ts';

const block = (words: string) => ({ type: 'text', text: words });

function blocksOf(...parts: readonly Part[]) {
  return encode({ messages: [{ role: 'user', parts }] }).turns[0]?.content;
}

describe('system and developer messages', () => {
  it('become the system prompt, wherever they stood, in their order', () => {
    const { body, turns } = encode({
      messages: [
        text('system', 'A'),
        hello,
        text('developer', 'B'),
        text('assistant', 'Yes.'),
        text('system', 'C'),
        hello,
      ],
    });
    expect(body.system).toEqual([block('A'), block('B'), block('C')]);
    expect(turns.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  });

  it('are a string when there is one', () => {
    expect(encode({ messages: [text('system', 'A'), hello] }).body.system).toBe('A');
  });

  it('leave nothing behind when they are blank', () => {
    expect(encode({ messages: [text('system', ' \n'), hello] }).body).not.toHaveProperty('system');
  });

  it('give their last text to the user when nobody else says anything', () => {
    const { body, turns } = encode({ messages: [text('system', 'A'), text('system', 'B')] });
    expect(body.system).toBe('A');
    expect(turns).toEqual([{ role: 'user', content: [block('B')] }]);
  });

  it('stay in their place when an Anthropic caller put them there and the model takes it', () => {
    const dialect = anthropicMessages();
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'system', content: 'Now in French.' },
    ];
    const request = dialect.request.decode({ model: 'm', max_tokens: 9, messages }, {});
    const rolesFor = (model: string) => encode({ messages: request.messages }, model).turns.map(({ role }) => role);
    expect(rolesFor('claude-opus-4-8')).toEqual(['user', 'system']);
    expect(rolesFor('claude-sonnet-4-5')).toEqual(['user']);
  });
});

describe('turns', () => {
  it('join neighbours of one role', () => {
    const { turns } = encode({ messages: [hello, text('user', 'Are you there?'), text('assistant', 'Yes.'), hello] });
    expect(turns).toEqual([
      { role: 'user', content: [block('Hello'), block('Are you there?')] },
      { role: 'assistant', content: [block('Yes.')] },
      { role: 'user', content: [block('Hello')] },
    ]);
  });

  it('hold all results of a turn in one user message, in front of its text', () => {
    const { turns } = encode({
      messages: [hello, assistantCalls('a', 'b'), text('user', 'Hurry.'), result('a', '1'), result('b', '2')],
    });
    expect(turns[2]).toEqual({
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'a', content: '1' },
        { type: 'tool_result', tool_use_id: 'b', content: '2' },
        block('Hurry.'),
      ],
    });
  });

  it('lose empty and blank texts, and messages that have nothing else', () => {
    const { turns } = encode({
      messages: [
        hello,
        { role: 'assistant', parts: [{ type: 'text', text: '' }, ...assistantCalls('a').parts] },
        result('a', 'x'),
        text('assistant', ' \n\t'),
        text('user', ''),
      ],
    });
    expect(turns).toEqual([
      { role: 'user', content: [block('Hello')] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'weather', input: { city: 'Paris' } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'x' }] },
    ]);
  });

  it('end without white space where the assistant is to go on', () => {
    const { turns } = encode({ messages: [hello, text('assistant', 'The answer is: \n')] });
    expect(turns[1]?.content).toEqual([block('The answer is:')]);
  });

  it('keep white space everywhere else', () => {
    const { turns } = encode({ messages: [hello, text('assistant', ' Yes. '), hello] });
    expect(turns[1]?.content).toEqual([block(' Yes. ')]);
  });

  it('are refused when there are none', () => {
    for (const messages of [[], [text('user', '')], [text('system', '  ')]]) {
      expect(() => encode({ messages })).toThrow(
        expect.objectContaining({ code: 'invalid_request', param: 'messages', status: 400 }),
      );
    }
  });

  it('join very long conversations of one role', () => {
    const messages = Array.from({ length: 200_000 }, () => hello);
    expect(encode({ messages }).turns[0]?.content).toHaveLength(200_000);
  });

  it('report the names of speakers as dropped', () => {
    expect(encode({ messages: [{ ...hello, name: 'ana' }] }).dropped).toEqual(['name']);
  });
});

describe('parts', () => {
  it('show images as bytes, addresses and file ids', () => {
    expect(
      blocksOf(
        { type: 'image', source: { kind: 'base64', mediaType: 'image/jpg', data: onePixel } },
        { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' }, detail: 'auto' },
        { type: 'image', source: { kind: 'file-id', id: 'file_1' } },
      ),
    ).toEqual([
      { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: onePixel } },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      { type: 'image', source: { type: 'file', file_id: 'file_1' } },
    ]);
  });

  it('show documents, and plain text as text', () => {
    const data = Buffer.from('\u00e9t\u00e9').toString('base64');
    expect(
      blocksOf(
        { type: 'file', filename: 'a.pdf', source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERg==' } },
        { type: 'file', source: { kind: 'base64', mediaType: 'text/plain', data } },
        { type: 'file', source: { kind: 'text', text: 'words' } },
      ),
    ).toEqual([
      {
        type: 'document',
        title: 'a.pdf',
        source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERg==' },
      },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: '\u00e9t\u00e9' } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'words' } },
    ]);
  });

  it('refuse addresses for hosts that fetch none', () => {
    const image: Part = { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } };
    const messages = [{ role: 'user', parts: [image] } as const];
    expect(() => encode({ messages }, 'claude-sonnet-4-5', { urlSources: 'refused' })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', status: 400, param: 'messages' }),
    );
  });

  it('report what cannot be shown', () => {
    const { turns, dropped } = encode({
      messages: [
        {
          role: 'user',
          parts: [
            { type: 'text', text: 'Listen.' },
            { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'UklGRg==' } },
            { type: 'extension', dialect: 'gemini', data: { executableCode: {} } },
            { type: 'image', source: { kind: 'file-id', id: 'f' }, detail: 'high' },
          ],
        },
      ],
    });
    expect(turns[0]?.content).toHaveLength(2);
    expect(dropped).toEqual(['input_audio', 'content', 'detail']);
  });

  it('say a refusal of an earlier turn as the text it was', () => {
    const refusal: Part = { type: 'refusal', text: 'No.' };
    const { turns } = encode({ messages: [hello, { role: 'assistant', parts: [refusal] }, hello] });
    expect(turns[1]?.content).toEqual([block('No.')]);
  });

  it('never send thinking that has no signature of this API', () => {
    const { turns, dropped } = encode({
      messages: [
        hello,
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: 'unsigned' },
            { type: 'reasoning', text: 'foreign', signature: { dialect: 'gemini', value: 'secret-state' } },
            { type: 'reasoning', text: '', redacted: { dialect: 'openai-chat', value: 'secret-state' } },
            { type: 'text', text: 'Hi.', signature: { dialect: 'gemini', value: 'secret-state' } },
          ],
        },
        hello,
      ],
    });
    expect(turns[1]?.content).toEqual([block('Hi.')]);
    expect(dropped).toEqual(['reasoning_content']);
  });
});
