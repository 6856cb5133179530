import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { equivalenceTable, type Tier, tiers } from '../../src/providers/equivalence-table.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { providers } from '../../src/providers/registry.ts';

const page = readFileSync(new URL('../../docs/providers.md', import.meta.url), 'utf8');

/** The rows of the first table under a heading, without its head. */
function rowsUnder(heading: string): readonly string[] {
  const start = page.indexOf(`\n${heading}\n`);
  if (start === -1) throw new Error(`docs/providers.md has no "${heading}"`);
  const lines = page.slice(start + 1).split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const rows = lines.slice(first + 2);
  return rows.slice(
    0,
    rows.findIndex((line) => !line.startsWith('|')),
  );
}

describe('docs/providers.md', () => {
  it('lists the known providers as they are', () => {
    expect(rowsUnder('## The known providers')).toEqual(providers.map(providerRow));
  });

  it.each([...tiers])('lists the %s equivalents as they are', (tier) => {
    expect(rowsUnder(`### ${tier}`)).toEqual(tierRows(tier));
  });

  it('names every provider with bare model names', () => {
    const named = rowsUnder('## How a model\u0027s name is found').map((row) => row.split('`')[1]);
    expect(named).toEqual(providers.filter(({ models }) => models !== undefined).map(({ name }) => name));
  });

  it('says of every provider what callers notice, and links its reference', () => {
    const rows = rowsUnder('## What callers notice').join('\n');
    for (const { name, reference } of providers) {
      expect(rows).toContain(`\`${name}\``);
      expect(page).toContain(`](${reference})`);
    }
  });

  it('is plain ASCII', () => {
    expect(page.split('\n').filter((line) => !/^[\x20-\x7e]*$/.test(line))).toEqual([]);
  });
});

function providerRow(provider: Provider): string {
  const { name, aliases = [], environment, baseUrl, credential, dialect } = provider;
  const placement = credential?.header === 'authorization' ? 'authorization: Bearer' : credential?.header;
  const keys = `${environment.apiKey?.map(code).join(' or ')}${provider.keyOptional === true ? ' (optional)' : ''}${provider.connector === undefined ? '' : ', or its own'}`;
  const url =
    baseUrl === undefined ? (provider.connector === undefined ? 'yours' : 'from its settings') : code(baseUrl);
  const also = aliases.length === 0 ? ' ' : ` ${aliases.map(code).join(', ')} `;
  return `| ${code(name)} |${also}| ${keys} | ${code(environment.baseUrl)} | ${url} | ${code(String(placement))} | ${code(dialect.name)} |`;
}

function tierRows(tier: Tier): readonly string[] {
  return Object.entries(equivalenceTable[tier]).map(([provider, { standIn, members }]) => {
    const listed = members.length === 0 ? ' ' : ` ${members.map(code).join(', ')} `;
    return `| ${code(provider)} | ${code(standIn)} |${listed}|`;
  });
}

function code(text: string): string {
  return `\`${text}\``;
}
