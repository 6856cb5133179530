import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** Who may import whom: a folder may import those of its own row only if it is one folder, and all rows above. */
const layers: readonly (readonly string[])[] = [
  ['core'],
  ['wire'],
  ['dialects'],
  ['routing'],
  ['prices'],
  ['providers'],
  ['upstream'],
  ['attempt'],
  ['auth', 'telemetry', 'failover', 'provider-translate', 'pass-through', 'usage', 'rate-limit', 'cost-guard'],
  ['stores'],
  ['express', 'kong'],
  ['gateway'],
  ['testing'],
  ['cli'],
];
/** The root of the package exports everything a user may import. */
const root = 'index.ts';

/** Packages that only some folders may import: hosts stay out of the core. */
const hosts: Readonly<Record<string, readonly string[]>> = {
  express: ['gateway', 'cli'],
  'kong-pdk': ['kong'],
  winston: ['telemetry'],
  undici: ['upstream'],
  'http-proxy-middleware': ['express'],
  yaml: ['gateway'],
  'eventsource-parser': ['wire'],
  '@pydantic': ['prices'],
  kysely: ['stores'],
  '@redis': ['stores'],
  pg: ['stores'],
  jose: ['auth'],
  'node:sqlite': ['stores'],
};

const source = resolve('src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

interface Import {
  readonly file: string;
  readonly specifier: string;
}

const imports: readonly Import[] = files.flatMap((file) =>
  [...readFileSync(join(source, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => ({
    file,
    specifier: match[1] ?? '',
  })),
);

const folderOf = (file: string) => (file.includes(sep) ? (file.split(sep)[0] ?? '') : file);
const rowOf = (folder: string) => layers.findIndex((row) => row.includes(folder));

describe('layers', () => {
  it('places every folder of src in a layer', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => folder !== root && rowOf(folder) === -1)).toEqual([]);
  });

  it('imports only from the layers below, and never from a sibling', () => {
    const wrong = imports.flatMap(({ file, specifier }) => {
      if (!specifier.startsWith('.')) return [];
      const from = folderOf(file);
      const to = folderOf(relative(source, resolve(source, file, '..', specifier)));
      const allowed = from === root || from === to || (to !== root && rowOf(to) < rowOf(from));
      return allowed ? [] : [`${file} imports ${specifier}`];
    });
    expect(wrong).toEqual([]);
  });

  it('keeps hosts and stores out of the layers that are free of them', () => {
    const wrong = imports.flatMap(({ file, specifier }) => {
      const name = specifier.split('/')[0] ?? '';
      const allowed = hosts[name];
      return allowed === undefined || allowed.includes(folderOf(file)) ? [] : [`${file} imports ${specifier}`];
    });
    expect(wrong).toEqual([]);
  });

  it('takes time and chance from the runtime everywhere but at the edges', () => {
    const free = new Set(['express', 'gateway', 'testing', 'cli', 'kong']);
    const wrong = files.filter((file) => {
      if (free.has(folderOf(file)) || file === join('core', 'runtime.ts') || file === root) return false;
      return /\bDate\.now\(|\bMath\.random\(|\bsetTimeout\(|\bsetInterval\(|\bfetch\(/.test(
        readFileSync(join(source, file), 'utf8'),
      );
    });
    expect(wrong).toEqual([]);
  });

  it('has no source file beyond 300 lines', () => {
    const long = files.filter((file) => readFileSync(join(source, file), 'utf8').split('\n').length > 300);
    expect(long).toEqual([]);
  });
});
