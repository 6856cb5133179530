import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { faultTableMarkdown } from './support/fault-table-markdown.ts';

const doc = readFileSync('docs/testing.md', 'utf8');

describe('docs/testing.md', () => {
  it('shows the table of faults as the code has it (npx node test/testing/write-fault-table.ts renews it)', () => {
    expect(/\| fault \|[\s\S]*?(?=\n\n)/.exec(doc)?.[0]).toBe(faultTableMarkdown());
  });

  it('names every option and every part of the books', () => {
    const options = interfaceFields('src/testing/fake-provider.ts', 'FakeProviderOptions');
    const call = interfaceFields('src/testing/call-log.ts', 'RecordedCall').filter((name) => !implied.has(name));
    const stats = interfaceFields('src/testing/call-log.ts', 'WallStats');
    const members = interfaceFields('src/testing/fake-provider.ts', 'FakeProvider');
    const unnamed = [...options, ...call, ...stats, ...members].filter(
      (name) => !new RegExp(`[\`.]${name}\\b`).test(doc),
    );
    expect(options.length + call.length + stats.length + members.length).toBeGreaterThan(35);
    expect(unnamed).toEqual([]);
  });
});

/** What a reader knows without being told. */
const implied = new Set(['number', 'operation']);

function interfaceFields(file: string, name: string): readonly string[] {
  const source = readFileSync(file, 'utf8');
  const body = new RegExp(`interface ${name} \\{\\n([\\s\\S]*?)\\n\\}`).exec(source)?.[1] ?? '';
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)(?:\?|\(|:)/gm)].map((match) => match[1] ?? '');
}
