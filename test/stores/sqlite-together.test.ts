import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { SqlEngine, TogetherInsert } from '../../src/stores/sql/engine.ts';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';

let engine: SqlEngine;
beforeEach(async () => {
  engine = openSqlite({ path: ':memory:' });
  await sql`create table things (id text primary key, size integer not null)`.execute(engine.db);
  await sql`create table sums (name text primary key, total integer not null)`.execute(engine.db);
});
afterEach(() => engine.close());

const things = (...rows: readonly (readonly [id: string, size: number | null])[]): TogetherInsert => ({
  into: 'things',
  columns: [
    { name: 'id', type: 'text' },
    { name: 'size', type: 'bigint' },
  ],
  key: ['id'],
  conflict: 'on conflict (id) do nothing',
  rows,
  allNew: true,
});
const sum = (total: number | null): TogetherInsert => ({
  into: 'sums',
  columns: [
    { name: 'name', type: 'text' },
    { name: 'total', type: 'bigint' },
  ],
  key: ['name'],
  conflict: 'on conflict (name) do update set total = sums.total + excluded.total',
  rows: [['all', total]],
  allNew: false,
});
const insert = async (...inserts: readonly TogetherInsert[]): Promise<boolean | undefined> =>
  engine.insertTogether?.(inserts);

async function found(): Promise<readonly unknown[]> {
  const { rows } = await sql<{ id: string }>`select id from things order by id`.execute(engine.db);
  const { rows: sums } = await sql<{ total: number }>`select total from sums`.execute(engine.db);
  return [rows.map(({ id }) => id), sums.map(({ total }) => total)];
}

describe('inserts in one go', () => {
  it('are all there, and what is not new is added to', async () => {
    expect(await insert(things(['a', 1], ['b', 2]), sum(3))).toBe(true);
    expect(await insert(things(['c', 4]), sum(4))).toBe(true);
    expect(await found()).toEqual([['a', 'b', 'c'], [7]]);
  });

  it('leave nothing when one row was there', async () => {
    await insert(things(['a', 1]), sum(1));
    expect(await insert(things(['b', 2], ['a', 1]), sum(3))).toBe(false);
    expect(await found()).toEqual([['a'], [1]]);
    expect(await insert(things(['b', 2], ['b', 2]), sum(4))).toBe(false);
    expect(await insert(things(['b', 2]), sum(2))).toBe(true);
    expect(await found()).toEqual([['a', 'b'], [3]]);
  });

  it.each([
    ['the first', () => insert(things(['b', null]), sum(2))],
    ['a later one', () => insert(things(['b', 2]), sum(null))],
    ['one without its table', () => insert(things(['b', 2]), { ...sum(2), into: 'nowhere' })],
  ])('leave nothing when %s fails, and the next goes on', async (_, failing) => {
    await insert(things(['a', 1]), sum(1));
    await expect(failing()).rejects.toThrow();
    expect(await found()).toEqual([['a'], [1]]);
    await engine.db.transaction().execute((transaction) => engine.insertRows(transaction, things(['b', 2])));
    expect(await insert(things(['c', 3]), sum(3))).toBe(true);
    expect(await found()).toEqual([['a', 'b', 'c'], [4]]);
  });
});
