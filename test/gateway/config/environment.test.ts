import { describe, expect, it } from '@jest/globals';
import { unreadVariables } from '../../../src/gateway/config/environment.ts';
import { createGateway } from '../../../src/gateway/create-gateway.ts';

const providers = { openai: { apiKey: 'provider-key-canary-0123456789' } };
const keys = [{ key: 'caller-key-canary-0123456789' }];
const byEnvironment = {
  GATEWAY_PROVIDERS: 'openai',
  GATEWAY_WEIGHTS: 'openai:1',
  GATEWAY_FALLBACKS: 'off',
  GATEWAY_PROVIDER_LAB_BASE_URL: 'http://127.0.0.1:1',
};

describe('unreadVariables', () => {
  it('names what a section of the configuration has replaced', () => {
    const warnings = unreadVariables(
      { ...byEnvironment, GATEWAY_API_KEYS: 'x', GATEWAY_RETRY_MAX: '1' },
      { providers },
    );
    expect(warnings).toEqual(
      Object.keys(byEnvironment).map(
        (name) => `The environment variable ${name} is not read, because the configuration has a section "providers".`,
      ),
    );
    expect(unreadVariables({ ...byEnvironment, GATEWAY_API_KEYS: 'x' }, { keys })).toEqual([
      'The environment variable GATEWAY_API_KEYS is not read, because the configuration has a section "keys".',
    ]);
  });

  it('says nothing of variables that are read, empty, or of others', () => {
    expect(unreadVariables({ ...byEnvironment, GATEWAY_API_KEYS: 'x', GATEWAY_CONFIG: 'x', PATH: '/bin' }, {})).toEqual(
      [],
    );
    expect(unreadVariables({ GATEWAY_FALLBACKS: ' ', GATEWAY_TYPO: '' }, { providers })).toEqual([]);
  });

  it('names a variable nothing reads', () => {
    expect(unreadVariables({ GATEWAY_PROVIDRES: 'openai' }, {})).toEqual([
      'The environment variable GATEWAY_PROVIDRES is not read by this version.',
    ]);
  });
});

describe('createGateway', () => {
  it('warns of fallbacks it does not read', async () => {
    const lines: { readonly level: string; readonly message: string }[] = [];
    const logger = { log: (entry: (typeof lines)[number]) => lines.push(entry) };
    await createGateway({ providers, keys }, { environment: { GATEWAY_FALLBACKS: 'off' }, logger }).close();
    expect(lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('GATEWAY_FALLBACKS is not read') }]);
  });
});
