import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { usdText } from '../../src/core/usd.ts';
import { readOwnPrices } from '../../src/prices/index.ts';
import { refusal } from '../providers/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'prices-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'prices.json');
  writeFileSync(path, text);
  return path;
}

const read = (value: unknown) => refusal(() => readOwnPrices(value as never, 'providers.lab.prices'));

describe('own prices', () => {
  it('may stand in a file', () => {
    const prices = readOwnPrices(file('{"m": {"input": 1, "output": 2}}'), 'prices');
    expect(prices.table).toEqual({ m: { input: 1, output: 2 } });
  });

  it.each<[value: unknown, message: string]>([
    [{ m: { inputs: 1 } }, 'unknown option "m.inputs" (did you mean "input"?)'],
    [{ m: { input: -1 } }, '"m.input" must be 0 or greater'],
    [{ m: { input: '1' } }, '"m.input" must be a number of US dollars'],
    [{ m: { input: Number.NaN } }, '"m.input" must be a number of US dollars'],
    [{ m: 3 }, '"m" must be an object such as { input: 2.5, output: 10 }, in US dollars per million tokens'],
    [{ m: { periods: [{ hours: ['1-2'], prices: {} }] } }, '"m.periods.0.hours.0" must be UTC such as "01:00-04:00"'],
    [{ m: { periods: [{ from: 'soon', prices: {} }] } }, '"m.periods.0.from" must be a day such as "2026-12-01"'],
    [7, 'the options must be an object of models and their prices, or the path of a JSON file'],
  ])('%j are refused', (value, message) => {
    expect(read(value)).toBe(`providers.lab.prices: ${message}`);
  });

  it('are refused when their file cannot be read', () => {
    expect(read(join(folder, 'none.json'))).toContain('cannot be read (ENOENT)');
    expect(read(file('{'))).toContain('cannot be read (it is not valid JSON)');
  });
});

describe('a sum in US dollars', () => {
  it.each<[nanoUsd: number | bigint, text: string]>([
    [0, '0'],
    [1, '0.000000001'],
    [123_456, '0.000123456'],
    [2_500_000_000, '2.5'],
    [12_000_000_000n, '12'],
    [9_007_199_254_740_993_000n, '9007199254.740993'],
  ])('%d nano-USD reads %s', (nanoUsd, text) => {
    expect(usdText(nanoUsd)).toBe(text);
  });
});
