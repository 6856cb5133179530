import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import winston from 'winston';
import { ConfigurationError } from '../../src/core/errors.ts';
import { createTelemetry, providerEvents, type TelemetryOptions } from '../../src/telemetry/index.ts';

describe('options of telemetry', () => {
  it.each<[string, object, RegExp]>([
    ['a logger without a log', { logger: {} }, /telemetry\(\): "logger" must have a method "log"/],
    ['a logger that is no object', { logger: 'console' }, /"logger" must have a method "log"/],
    ['a level winston does not have', { logLevel: 'loud' }, /"logLevel"/],
    ['an option nobody knows', { loglevel: 'info' }, /unknown option "loglevel" \(did you mean "logLevel"\?\)/],
    ['a text too short to black out', { redact: ['abc'] }, /"redact\.0"/],
    ['a pattern that can take forever', { redact: [/(a+)+$/] }, /"redact\.0"/],
  ])('refuse %s', (_, options, message) => {
    const create = () => createTelemetry(options as TelemetryOptions);
    expect(create).toThrow(ConfigurationError);
    expect(create).toThrow(message);
  });

  it('name the function that was called', () => {
    expect(() => providerEvents({ logLevel: 'loud' } as unknown as TelemetryOptions)).toThrow(/^providerEvents\(\)/);
  });

  it('take a winston logger and the console', () => {
    expect(() => createTelemetry({ logger: winston.createLogger({ silent: true }) })).not.toThrow();
    expect(() => createTelemetry({ logger: console })).not.toThrow();
  });

  it('are listed in the documentation', () => {
    const text = readFileSync(new URL('../../docs/telemetry.md', import.meta.url), 'utf8');
    const section = text.split('\n## Options\n')[1]?.split('\n## ')[0] ?? '';
    const listed = [...section.matchAll(/^\| `(\w+)`/gm)].map((row) => row[1]).join(', ');
    expect(() => createTelemetry({ zzzzzzzzzz: 1 } as TelemetryOptions)).toThrow(`(known: ${listed})`);
  });
});
