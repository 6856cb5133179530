import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigurationError } from '../../src/core/errors.ts';
import { parseOptions } from '../../src/core/options.ts';
import { duration, size } from '../../src/core/units.ts';

const schema = z.strictObject({
  retries: z.int('must be a whole number').default(2),
  cooldown: duration.default(30_000),
  nested: z.strictObject({ idleTimeout: duration.optional() }).prefault({}),
  targets: z.array(z.strictObject({ model: z.string('must be a model name') })).optional(),
  named: z.record(z.string(), z.strictObject({ weight: z.number('must be a number').optional() })).optional(),
});

function problemOf(value: unknown): string {
  try {
    parseOptions(schema, value, 'failover()');
    return 'none';
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ConfigurationError);
    return String((thrown as Error).message);
  }
}

describe('parseOptions', () => {
  it('fills in defaults and leaves the given object alone', () => {
    const given = Object.freeze({ cooldown: '5s' });
    expect(parseOptions(schema, given, 'x')).toEqual({ retries: 2, cooldown: 5000, nested: {} });
    expect(given).toEqual({ cooldown: '5s' });
  });

  it.each<[string, unknown, string]>([
    ['a misspelt option', { retrys: 1 }, 'failover(): unknown option "retrys" (did you mean "retries"?)'],
    ['a misspelt option in another case', { Cooldown: '5s' }, 'unknown option "Cooldown" (did you mean "cooldown"?)'],
    ['an option that resembles none', { banana: 1 }, 'unknown option "banana" (known: retries, cooldown, nested'],
    ['a misspelt nested option', { nested: { idleTimout: '1s' } }, '"nested.idleTimout" (did you mean "idleTimeout"?)'],
    [
      'a misspelt option in a list',
      { targets: [{ modell: 'x', model: 'y' }] },
      '"targets.0.modell" (did you mean "model"?)',
    ],
    [
      'a misspelt option of a named entry',
      { named: { a: { wieght: 1 } } },
      '"named.a.wieght" (did you mean "weight"?)',
    ],
    ['a wrong value', { retries: 'two' }, '"retries" must be a whole number'],
    ['a missing value', { targets: [{}] }, '"targets.0.model" must be a model name'],
    ['a duration without its unit', { cooldown: 30 }, '"cooldown" must be a duration with its unit, such as "30s"'],
    ['no object at all', 7, 'failover(): the options'],
  ])('names %s and the fix', (_what, value, message) => {
    expect(problemOf(value)).toContain(message);
  });

  it('names every problem at once', () => {
    expect(problemOf({ retries: 'two', cooldwn: '1s' })).toMatch(/"retries".*; .*"cooldwn"/);
  });
});

describe('units', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5s', 1500],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    [' 2 S ', 2000],
    ['0s', 0],
  ])('reads the duration %j', (text, milliseconds) => {
    expect(duration.parse(text)).toBe(milliseconds);
  });

  it.each([
    ['512kb', 524_288],
    ['10mb', 10_485_760],
    ['1GB', 1_073_741_824],
    ['0.5kb', 512],
    ['7b', 7],
  ])('reads the size %j', (text, bytes) => {
    expect(size.parse(text)).toBe(bytes);
  });

  it.each([
    [30],
    ['30'],
    [''],
    ['s'],
    ['-1s'],
    ['1e3s'],
    ['1s2s'],
    ['1w'],
    [null],
    [undefined],
    [{}],
    [Number.NaN],
    ['Infinitys'],
  ])('refuses %j as a duration or a size: a unit is missing or unknown', (value) => {
    expect(duration.safeParse(value).success).toBe(false);
    expect(size.safeParse(value).success).toBe(false);
  });

  it.each(['__proto__', 'constructor', 'toString'])('knows no unit %s', (unit) => {
    expect(duration.safeParse(`1${unit}`).success).toBe(false);
  });
});
