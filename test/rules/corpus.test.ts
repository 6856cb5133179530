import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { corpusFolders, describeCorpus } from '../support/corpus.ts';
import { coverage, type Held, leftOut, partsOf, type RecordPart } from '../support/corpus-coverage.ts';

const suites = Object.entries(coverage).flatMap(([folder, parts]) =>
  Object.values(parts).flatMap((held) => (typeof held === 'string' ? [[folder, held] as const] : [])),
);

/** Suites that take the recordings that have a digest, and only those. */
const byDigest = /^dialects\/(?:anthropic|bedrock|cohere|ollama)-\w+\/corpus|^dialects\/openai-\w+\/recorded/;

/** The text of a suite with that of the module beside it in which some list their folders. */
function textOf(suite: string): string {
  const beside = path.join('test', path.dirname(suite), 'recorded.ts');
  const text = readFileSync(path.join('test', suite), 'utf8');
  return text.includes('./recorded.ts') && existsSync(beside) ? text + readFileSync(beside, 'utf8') : text;
}

describe('the list of what is done with the recordings', () => {
  it('names only suites that run the folder', () => {
    const others = suites.filter(([folder, suite]) => !textOf(suite).includes(`'${folder}'`));
    expect(others).toEqual([]);
  });
});

describeCorpus('the recordings', corpusFolders(), (records) => {
  const ids = new Set(records.map(({ id }) => id));

  it('are in folders of which each is listed, and no other', () => {
    expect(corpusFolders()).toEqual(Object.keys(coverage).sort());
  });

  it('have a suite or a reason for each of their parts', () => {
    const open = records.flatMap((record) =>
      partsOf(record).flatMap((part) => (heldOf(record.folder, part) === undefined ? [`${record.file}: ${part}`] : [])),
    );
    expect(open).toEqual([]);
  });

  it('have no reason for a part that they lack', () => {
    const parts = new Set(records.flatMap((record) => partsOf(record).map((part) => `${record.id} ${part}`)));
    const reasons = Object.entries(leftOut).flatMap(([id, out]) => Object.keys(out).map((part) => `${id} ${part}`));
    expect(reasons.filter((reason) => !parts.has(reason))).toEqual([]);
  });

  it('are left out one by one only where their folder has a suite', () => {
    const idle = Object.entries(leftOut).flatMap(([id, out]) =>
      (Object.keys(out) as RecordPart[]).filter((part) => typeof heldOf(folderOf(id), part) !== 'string'),
    );
    expect(idle).toEqual([]);
  });

  it('have a digest where a suite of answers asks for one', () => {
    const undigested = records.filter(
      ({ folder, digest }) => byDigest.test(String(heldOf(folder, 'answer'))) && digest === null,
    );
    // Damaged on purpose: its suite says so.
    expect(undigested.map(({ id }) => id)).toEqual(['bedrock-converse/8b04644715']);
  });

  it('are there wherever a test names one', () => {
    const named = readdirSync('test', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => readFileSync(`test/${file}`, 'utf8').match(/(?<=')[a-z0-9-]+\/[0-9a-f]{10}(?=[-'])/g) ?? []);
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((id) => !ids.has(id))).toEqual([]);
  });
});

function heldOf(folder: string, part: RecordPart): Held | undefined {
  return coverage[folder]?.[part];
}

function folderOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}
