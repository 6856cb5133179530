import { describe, expect, it } from '@jest/globals';
import type { ImageRequest } from '../../../src/dialects/canonical/image.ts';
import { geminiImages } from '../../../src/dialects/images/gemini/index.ts';
import { imagenImages } from '../../../src/dialects/images/imagen/index.ts';
import { openaiImageCaller, openaiImages } from '../../../src/dialects/images/openai/index.ts';
import { nearestRatio } from '../../../src/dialects/images/size.ts';
import { togetherImages } from '../../../src/dialects/images/together/index.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';

const everything: ImageRequest = deepFreeze({
  prompt: 'a red square',
  count: 2,
  size: { width: 1024, height: 1024 },
  quality: 'high',
  style: 'vivid',
  background: 'opaque',
  outputFormat: 'jpeg',
  outputCompression: 80,
  delivery: 'base64',
  moderation: 'low',
  user: 'u-1',
  others: { something_else: true },
});

describe('requests for pictures', () => {
  it.each([
    [
      'dall-e-2',
      openaiImages(),
      ['background', 'moderation', 'output_compression', 'output_format', 'quality', 'something_else', 'style'],
    ],
    ['dall-e-3', openaiImages(), ['background', 'moderation', 'output_compression', 'output_format', 'something_else']],
    ['gpt-image-1', openaiImages(), ['something_else', 'style']],
    [
      'black-forest-labs/FLUX.1-dev',
      togetherImages(),
      ['background', 'moderation', 'output_compression', 'quality', 'something_else', 'style', 'user'],
    ],
    [
      'gemini-2.5-flash-image',
      geminiImages(),
      ['background', 'moderation', 'output_compression', 'output_format', 'quality', 'something_else', 'style', 'user'],
    ],
    [
      'imagen-4.0-generate-001',
      imagenImages(),
      ['background', 'moderation', 'quality', 'something_else', 'style', 'user'],
    ],
  ] as const)('A14: %s gets what it takes, and the rest is reported', (model, format, dropped) => {
    const encoded = format.encode(everything, { model });
    expect([...encoded.dropped].sort()).toEqual(dropped);
    expect(JSON.stringify(encoded.body)).toContain('a red square');
  });

  it('asks OpenAI for pictures as the model wants to be asked', () => {
    expect(openaiImages().encode(everything, { model: 'gpt-image-1' }).body).toEqual({
      model: 'gpt-image-1',
      prompt: 'a red square',
      n: 2,
      size: '1024x1024',
      quality: 'high',
      background: 'opaque',
      output_format: 'jpeg',
      output_compression: 80,
      moderation: 'low',
      user: 'u-1',
    });
    expect(openaiImages().encode(everything, { model: 'dall-e-3' }).body).toMatchObject({
      quality: 'hd',
      style: 'vivid',
      response_format: 'b64_json',
    });
  });

  it('A14: a link is what most models cannot give', () => {
    const { dropped } = geminiImages().encode(
      { prompt: 'a', count: 1, delivery: 'url' },
      { model: 'gemini-2.5-flash-image' },
    );
    expect(dropped).toEqual(['response_format']);
    expect(openaiImages().encode({ prompt: 'a', count: 1, delivery: 'url' }, { model: 'gpt-image-1' }).dropped).toEqual(
      ['response_format'],
    );
    expect(openaiImages().encode({ prompt: 'a', count: 1, delivery: 'url' }, { model: 'dall-e-3' }).dropped).toEqual(
      [],
    );
  });

  it.each([
    ['gemini-2.5-flash-image', '1024x1024', { aspectRatio: '1:1' }],
    ['gemini-2.5-flash-image', '1536x1024', { aspectRatio: '3:2' }],
    ['gemini-2.5-flash-image', '1024x1792', { aspectRatio: '9:16' }],
    ['gemini-3-pro-image-preview', '4096x4096', { aspectRatio: '1:1', imageSize: '4K' }],
    ['gemini-3-pro-image-preview', '2048x2048', { aspectRatio: '1:1', imageSize: '2K' }],
    ['gemini-2.5-flash-image', '2048x2048', undefined],
    ['gemini-2.5-flash-image', '3000x100', undefined],
    ['gemini-2.0-flash-preview-image-generation', '1024x1024', undefined],
  ])('%s makes of %s a ratio it has: %j', (model, size, imageConfig) => {
    const request = openaiImageCaller.decode({ model, prompt: 'a', size }, {});
    const { body, dropped } = geminiImages().encode(request, { model });
    expect(body.generationConfig).toEqual({
      responseModalities: ['TEXT', 'IMAGE'],
      ...(imageConfig && { imageConfig }),
    });
    expect(dropped).toEqual(imageConfig === undefined ? ['size'] : []);
  });

  it('Imagen takes fewer ratios', () => {
    const encode = (size: string) =>
      imagenImages().encode(openaiImageCaller.decode({ prompt: 'a', size }, {}), { model: 'imagen-4.0-generate-001' });
    expect(encode('1536x1024').dropped).toEqual(['size']);
    expect(encode('1792x1024')).toMatchObject({ body: { parameters: { aspectRatio: '16:9' } }, dropped: [] });
    expect(nearestRatio({ width: 5, height: 4 }, [])).toBeUndefined();
  });

  it.each([
    [{}, 'prompt'],
    [{ prompt: '' }, 'prompt'],
    [{ prompt: 7 }, 'prompt'],
    [{ prompt: 'a', n: 0 }, 'n'],
    [{ prompt: 'a', n: 11 }, 'n'],
    [{ prompt: 'a', size: 'large' }, 'size'],
    [{ prompt: 'a', size: '0x10' }, 'size'],
    [{ prompt: 'a', response_format: 'png' }, 'response_format'],
    [{ prompt: 'a', output_compression: 101 }, 'output_compression'],
  ])('refuses %j and names the parameter', (body, param) => {
    expect(() => openaiImageCaller.decode(body, {})).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    );
  });
});

describe('answers with pictures', () => {
  it.each([
    [geminiImages(), { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }, 'PROHIBITED_CONTENT'],
    [geminiImages(), { candidates: [{ finishReason: 'IMAGE_SAFETY' }] }, 'IMAGE_SAFETY'],
    [imagenImages(), { predictions: [{ raiFilteredReason: 'Support codes: 1' }] }, 'rai_filtered'],
    [imagenImages(), {}, undefined],
  ])('%#: a filter that stopped every picture is the policy of the provider', (format, body, code) => {
    const decoded = format.decode(body);
    expect(decoded).toMatchObject({ fault: { kind: 'content_filter', ...(code !== undefined && { code }) } });
  });

  it('Gemini: a text in place of a picture is no answer', () => {
    const body = { candidates: [{ finishReason: 'STOP', content: { parts: [{ text: 'I cannot draw.' }] } }] };
    expect(geminiImages().decode(body)).toMatchObject({ fault: { kind: 'invalid_response', code: 'no_picture' } });
  });

  it('Gemini: a picture of its thinking is not the picture', () => {
    const inlineData = { mimeType: 'image/png', data: 'QQ==' };
    const parts = [{ inlineData: { ...inlineData, data: 'Qg==' }, thought: true }, { inlineData }];
    expect(geminiImages().decode({ candidates: [{ content: { parts } }] })).toEqual({
      answer: { images: [{ source: { base64: 'QQ==' }, mediaType: 'image/png' }] },
    });
  });

  it.each([openaiImages(), togetherImages()])('%#: an error inside a 200 is a fault', (format) => {
    const fault = format.decode({ error: { message: 'too busy', code: 503 } });
    expect(fault).toMatchObject({ fault: { kind: 'server_error', message: 'too busy' } });
  });

  it.each([null, 'x', {}, { data: [] }, { data: [{}] }, { data: ['x'] }])('takes %j for no answer', (body) => {
    expect(() => openaiImages().decode(body)).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }));
  });
});
