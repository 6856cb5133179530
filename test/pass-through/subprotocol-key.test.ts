import { describe, expect, it } from '@jest/globals';
import { splitProtocols } from '../../src/pass-through/subprotocol-key.ts';

describe('splitProtocols', () => {
  it.each([
    ['', { offered: '', key: undefined }],
    ['realtime', { offered: 'realtime', key: undefined }],
    [
      'realtime, openai-insecure-api-key.k1,openai-beta.realtime-v1',
      { offered: 'realtime, openai-beta.realtime-v1', key: 'k1' },
    ],
    ['openai-organization.o, openai-project.p, a', { offered: 'a', key: undefined }],
    ['openai-insecure-api-key.k1, openai-insecure-api-key.k2', { offered: '', key: 'k1' }],
  ])('%j', (header, split) => {
    expect(splitProtocols(header)).toEqual(split);
  });
});
