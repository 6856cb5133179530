import { expect, it } from '@jest/globals';
import { geminiImages } from '../../../src/dialects/images/gemini/index.ts';
import { imagenImages } from '../../../src/dialects/images/imagen/index.ts';
import { openaiImageCaller, openaiImages } from '../../../src/dialects/images/openai/index.ts';
import { bodyText, type CorpusRecord, corpusRecords, describeCorpus } from '../../support/corpus.ts';
import { isRun } from '../../support/corpus-coverage.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';

interface RecordedAnswer {
  readonly created?: number;
  readonly data?: readonly Readonly<Record<string, string>>[];
  readonly usage?: { readonly input_tokens?: number; readonly output_tokens?: number };
  readonly predictions?: readonly Readonly<Record<string, string>>[];
}

function answerOf(record: CorpusRecord): RecordedAnswer {
  return JSON.parse(bodyText(record));
}

describeCorpus('recorded pictures in the form of OpenAI', ['openai-images', 'other-images'], (records) => {
  const answers = records.filter(({ status }) => status === 200);

  it.each(answers.map((record) => [record.file, record] as const))('A9: %s is read, and written again', (_, record) => {
    const recorded = answerOf(record);
    const decoded = openaiImages().decode(deepFreeze(JSON.parse(bodyText(record))));
    if ('fault' in decoded) throw new Error('a fault');
    const { answer } = decoded;
    expect(answer.images.map(({ source }) => source)).toEqual(
      recorded.data?.map(({ url, b64_json }) => (b64_json === undefined ? { url } : { base64: b64_json })),
    );
    const { input_tokens: inputTokens, output_tokens: outputTokens } = recorded.usage ?? {};
    expect(answer.usage).toEqual(inputTokens === undefined ? undefined : { inputTokens, outputTokens });
    const written = JSON.parse(JSON.stringify(openaiImageCaller.encode(answer, { created: 1 })));
    // What xAI adds has no place in OpenAI's form, and pictures for which tokens are counted bring their details back.
    const { usage, ...rest } = recorded;
    const data = recorded.data?.map(({ mime_type: _kind, ...picture }) => picture);
    expect(written).toMatchObject({ ...rest, data, ...(inputTokens !== undefined && { usage }) });
  });

  const sent = records.filter(
    (record) => record.request !== undefined && isRun(record, record.status >= 400 ? 'refused' : 'request'),
  );

  it.each(sent.map((record) => [record.file, record] as const))(
    'A9: the request of %s keeps its meaning',
    (_, record) => {
      const body = deepFreeze(JSON.parse(record.request?.body ?? ''));
      if (record.id === 'openai-images/54e16c1a4f') {
        expect(() => openaiImageCaller.decode(body, {})).toThrow(expect.objectContaining({ param: 'prompt' }));
        return;
      }
      const everything = openaiImages([{ models: /^/, parameters: 'all' }]);
      const request = openaiImageCaller.decode(body, {});
      const { body: encoded, dropped } = everything.encode(request, { model: body.model });
      expect(dropped).toEqual([]);
      expect(JSON.parse(JSON.stringify(encoded))).toEqual({ n: 1, model: body.model, ...body });
      const splices = everything.passThrough?.(body, { model: body.model });
      expect(splices).toEqual([['model', JSON.stringify(body.model)]]);
    },
  );
});

describeCorpus('recorded pictures of Google', ['gemini-images'], (records) => {
  const answers = records.filter(({ status }) => status === 200);

  it.each(answers.map((record) => [record.file, record] as const))('A9: %s is read', (_, record) => {
    const decoded = imagenImages().decode(JSON.parse(bodyText(record)));
    const { predictions = [] } = answerOf(record);
    // What a filter stopped stands there without a picture.
    const pictures = predictions
      .filter(({ bytesBase64Encoded, gcsUri }) => bytesBase64Encoded !== undefined || gcsUri !== undefined)
      .map(({ bytesBase64Encoded: base64, gcsUri: url }) => (base64 === undefined ? { url } : { base64 }));
    expect('answer' in decoded && decoded.answer.images.map(({ source }) => source)).toEqual(pictures);
    expect(pictures.length).toBeGreaterThan(0);
  });

  it('A9: reads the pictures in recorded chat answers of Gemini', () => {
    const recorded = corpusRecords(['gemini-generate']).filter(
      (record) => record.status === 200 && !record.stream && /"mimeType":\s*"image/.test(bodyText(record)),
    );
    expect(recorded.length).toBeGreaterThan(0);
    for (const record of recorded) {
      const decoded = geminiImages().decode(JSON.parse(bodyText(record)));
      if (!('answer' in decoded)) throw new Error(`${record.file} has no picture`);
      expect(decoded.answer.images[0]?.mediaType).toMatch(/^image\//);
      expect(decoded.answer.usage?.outputTokens).toBeGreaterThan(0);
    }
  });
});
