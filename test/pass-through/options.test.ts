import { describe, expect, it } from '@jest/globals';
import { createPassThrough } from '../../src/express/pass-through/create-pass-through.ts';
import { defaultPaths, type PassThroughSettings, resolvePassThroughSettings } from '../../src/pass-through/index.ts';

describe('resolvePassThroughSettings', () => {
  it('has defaults', () => {
    expect(resolvePassThroughSettings({})).toEqual({
      paths: defaultPaths,
      anonymous: 'refuse',
      maxUpload: 512 * 1024 * 1024,
      realtime: { idle: 300_000, total: 3_600_000 },
    });
  });

  it.each([
    [{ paths: [] }, 'empty'],
    [{ paths: ['files'] }, 'paths.0'],
    [{ paths: ['/files/'] }, 'paths.0'],
    [{ paths: ['/v1/files'] }, 'without the version'],
    [{ paths: ['/files/../x'] }, 'climb'],
    [{ maxUpload: '0mb' }, 'maxUpload'],
    [{ realtime: { idle: '0s' } }, 'realtime.idle'],
    [{ realtime: { ilde: '1s' } }, 'did you mean "idle"'],
    [{ anonymous: 'yes' }, 'anonymous'],
    [{ path: ['/files'] }, 'did you mean "paths"'],
  ])('refuses %j and says why', (settings, text) => {
    expect(() => resolvePassThroughSettings(settings as PassThroughSettings)).toThrow(text);
  });

  it('refuses a provider that is not configured', () => {
    const providers = { openai: { apiKey: 'some-key-0123456789' } };
    expect(() => createPassThrough({ providers, only: ['opnai'] }, { environment: {} })).toThrow(
      'did you mean "openai"',
    );
  });
});
