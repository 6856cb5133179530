import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const id = /\b(?:PT|FO|HC|AU|CG|RL|AD|TE|LC|KG)-\d{2}\b/g;
const documented = new Set(
  readFileSync('docs/faults.md', 'utf8')
    .match(/^\| ([A-Z]{2}-\d{2}) \|/gm)
    ?.map((row) => row.slice(2, 7)),
);
const tested = new Set(
  readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.startsWith('rules'))
    .flatMap((file) => readFileSync(`test/${file}`, 'utf8').match(id) ?? []),
);

describe('docs/faults.md', () => {
  it('promises nothing without a test', () => {
    expect([...documented].filter((name) => !tested.has(name))).toEqual([]);
  });

  it('leaves out nothing that is tested', () => {
    expect([...tested].filter((name) => !documented.has(name))).toEqual([]);
  });

  it('lists every check of npm run verify, in order', () => {
    const listed = readFileSync('docs/faults.md', 'utf8').match(/^\| `[a-z-]+` \|/gm) ?? [];
    const checks = readFileSync('verify/catalogue.ts', 'utf8').match(/^ {4}name: '[a-z-]+'/gm) ?? [];
    expect(checks.length).toBeGreaterThan(10);
    expect(listed.map((row) => row.slice(3, -3))).toEqual(checks.map((line) => line.slice(11, -1)));
  });
});
