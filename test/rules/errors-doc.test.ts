import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { errorCatalogue } from '../../src/core/error-catalogue.ts';

const doc = readFileSync('docs/errors.md', 'utf8');
const rows = [...doc.matchAll(/^\| `([a-z0-9_]+)` \| (\d+) \| `([a-z_]+)` \| (yes|no) \| (.+) \|$/gm)].map(
  ([, code, status, type, retryable, meaning]) => ({
    code,
    status: Number(status),
    type,
    retryable: retryable === 'yes',
    meaning,
  }),
);

describe('docs/errors.md', () => {
  it('lists every code of the catalogue, and no other, with its status, type and whether a retry can help', () => {
    expect(rows.map(({ meaning: _meaning, ...row }) => row).sort(byCode)).toEqual(
      Object.entries(errorCatalogue)
        .map(([code, { status, type, retryable }]) => ({ code, status, type, retryable }))
        .sort(byCode),
    );
  });

  it('says what to do about each', () => {
    expect(rows.filter(({ meaning }) => (meaning ?? '').length < 20)).toEqual([]);
  });
});

function byCode(a: { code?: string | undefined }, b: { code?: string | undefined }): number {
  return (a.code ?? '').localeCompare(b.code ?? '');
}
