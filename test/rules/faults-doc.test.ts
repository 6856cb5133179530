import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const id = /\b(?:PT|FO|HC|AU|CG|RL|SC|AD|TE|LC|KG|PG)-\d{2}\b/g;
const [survived = '', open = ''] = readFileSync('docs/faults.md', 'utf8').split('\n## Not yet\n');
const documented = rowsOf(survived);
const notYet = rowsOf(open);
const tested = new Set(
  readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.test\.m?[jt]s$/.test(file) && !file.startsWith('rules'))
    .flatMap((file) => readFileSync(`test/${file}`, 'utf8').match(id) ?? []),
);

/** The ids of the rows of all tables of a page. */
function rowsOf(page: string): readonly string[] {
  return [...page.matchAll(/^\| ([A-Z]{2}-\d{2}) \|/gm)].map(([, name = '']) => name);
}

describe('docs/faults.md', () => {
  it('promises nothing without a test', () => {
    expect(documented.filter((name) => !tested.has(name))).toEqual([]);
  });

  it('leaves out nothing that is tested', () => {
    expect([...tested].filter((name) => !documented.includes(name))).toEqual([]);
  });

  it('names each fault once, as survived or as not yet', () => {
    const all = [...documented, ...notYet];
    expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
    expect(notYet.length).toBeGreaterThan(0);
  });

  it('lists every check of npm run verify, in order', () => {
    const listed = readFileSync('docs/faults.md', 'utf8').match(/^\| `[a-z-]+` \|/gm) ?? [];
    const checks = readFileSync('verify/catalogue.ts', 'utf8').match(/^ {4}name: '[a-z-]+'/gm) ?? [];
    expect(checks.length).toBeGreaterThan(10);
    expect(listed.map((row) => row.slice(3, -3))).toEqual(checks.map((line) => line.slice(11, -1)));
  });
});
