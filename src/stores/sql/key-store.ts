import { sql, type Transaction } from 'kysely';
import { type AuditRecord, type KeyStore, mostChangesTold, type StoredKey } from '../../auth/key-store.ts';
import type { SqlEngine } from './engine.ts';
import { keyMigrations } from './key-migrations.ts';
import { auditOfRow, keyOfRow, type SqlRow } from './key-rows.ts';
import { migrateOnce } from './migrate.ts';

/** The keys in an SQL database. The schema is made, or brought up to date, when it is first used. */
export function sqlKeyStore(engine: SqlEngine): KeyStore {
  const { db } = engine;
  const ready = migrateOnce(engine, keyMigrations);
  /** One change at a time, over all processes: whoever reads a revision has seen every change up to it. */
  const change = async (work: (transaction: Transaction<unknown>, revision: number) => Promise<boolean>) => {
    await ready();
    try {
      await db.transaction().execute(async (transaction) => {
        const { rows } = await sql<SqlRow>`
          update gateway_key_revision set revision = revision + 1 where id = 1 returning revision`.execute(transaction);
        if (!(await work(transaction, Number(rows[0]?.revision)))) throw new Unchanged();
      });
      return true;
    } catch (thrown) {
      if (thrown instanceof Unchanged) return false;
      throw thrown;
    }
  };
  return {
    shared: true,
    async find(digest) {
      await ready();
      const { rows } = await sql<SqlRow>`
        select * from gateway_keys where digest = ${digest} or previous_digest = ${digest}`.execute(db);
      return rows[0] && keyOfRow(rows[0]);
    },
    async get(id) {
      await ready();
      const { rows } = await sql<SqlRow>`select * from gateway_keys where id = ${id}`.execute(db);
      return rows[0] && keyOfRow(rows[0]);
    },
    async list({ after = '', team, limit }) {
      await ready();
      const { rows } = await sql<SqlRow>`
        select * from gateway_keys where id > ${after}${team === undefined ? sql`` : sql` and team = ${team}`}
        order by id limit ${limit}`.execute(db);
      return rows.map(keyOfRow);
    },
    create: (key, audit) =>
      change(async (transaction, revision) => {
        if (await isTaken(transaction, key)) return false;
        await insertKey(transaction, key, revision);
        await insertAudit(transaction, audit);
        return true;
      }),
    replace: (key, audit) =>
      change(async (transaction, revision) => {
        if (await isTaken(transaction, key)) return false;
        if (!(await updateKey(transaction, key, revision))) return false;
        await insertAudit(transaction, audit);
        return true;
      }),
    async note(audit) {
      await ready();
      await db.transaction().execute((transaction) => insertAudit(transaction, audit));
    },
    async audit({ target, limit }) {
      await ready();
      const { rows } = await sql<SqlRow>`
        select * from gateway_key_audit ${target === undefined ? sql`` : sql`where target = ${target}`}
        order by at desc, id desc limit ${limit}`.execute(db);
      return rows.map(auditOfRow);
    },
    async changes(since) {
      await ready();
      const { rows } = await sql<SqlRow>`select revision from gateway_key_revision where id = 1`.execute(db);
      const revision = Number(rows[0]?.revision);
      if (since === undefined || since === revision) return { revision, keys: [] };
      const changed = await sql<SqlRow>`
        select * from gateway_keys where revision > ${since} limit ${mostChangesTold + 1}`.execute(db);
      // A revision that went back is a store that was put back, or another one.
      const untold = changed.rows.length > mostChangesTold || revision < since;
      return { revision, keys: untold ? undefined : changed.rows.map(keyOfRow) };
    },
    close: () => engine.close(),
  };
}

/** Takes a transaction back that would have changed nothing. */
class Unchanged extends Error {}

/** Whether another key has one of these digests, or a new key's id. */
async function isTaken(
  transaction: Transaction<unknown>,
  { id, digest, previous, version }: StoredKey,
): Promise<boolean> {
  const digests = sql.join(previous === undefined ? [digest] : [digest, previous.digest]);
  const { rows } = await sql<SqlRow>`
    select id from gateway_keys
    where (id <> ${id} and (digest in (${digests}) or previous_digest in (${digests})))
    ${version === 1 ? sql`or id = ${id}` : sql``} limit 1`.execute(transaction);
  return rows.length > 0;
}

async function insertKey(transaction: Transaction<unknown>, key: StoredKey, revision: number): Promise<void> {
  const { id, digest, hint, previous, terms, createdAt, updatedAt, revokedAt, version } = key;
  await sql`
    insert into gateway_keys (id, digest, hint, previous_digest, previous_until, team, terms, created_at, updated_at,
      revoked_at, version, revision)
    values (${id}, ${digest}, ${hint}, ${previous?.digest ?? null}, ${previous?.until ?? null}, ${terms.team ?? null},
      ${JSON.stringify(terms)}, ${createdAt}, ${updatedAt}, ${revokedAt ?? null}, ${version}, ${revision})`.execute(
    transaction,
  );
}

async function updateKey(transaction: Transaction<unknown>, key: StoredKey, revision: number): Promise<boolean> {
  const { id, digest, hint, previous, terms, updatedAt, revokedAt, version } = key;
  const { numAffectedRows } = await sql`
    update gateway_keys set digest = ${digest}, hint = ${hint}, previous_digest = ${previous?.digest ?? null},
      previous_until = ${previous?.until ?? null}, team = ${terms.team ?? null}, terms = ${JSON.stringify(terms)},
      updated_at = ${updatedAt}, revoked_at = ${revokedAt ?? null}, version = ${version}, revision = ${revision}
    where id = ${id} and version = ${version - 1}`.execute(transaction);
  return numAffectedRows === 1n;
}

async function insertAudit(transaction: Transaction<unknown>, audit: AuditRecord): Promise<void> {
  const { id, at, actor, action, outcome, target, requestId, peer, before, after } = audit;
  await sql`
    insert into gateway_key_audit (id, at, actor, action, outcome, target, request_id, peer, terms_before, terms_after)
    values (${id}, ${at}, ${actor}, ${action}, ${outcome}, ${target ?? null}, ${requestId ?? null}, ${peer ?? null},
      ${before === undefined ? null : JSON.stringify(before)}, ${after === undefined ? null : JSON.stringify(after)})`.execute(
    transaction,
  );
}
