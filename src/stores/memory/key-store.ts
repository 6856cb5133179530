import {
  type AuditRecord,
  type KeyStore,
  mostAuditRecords,
  mostChangesTold,
  type StoredKey,
} from '../../auth/key-store.ts';

/** Keys that live as long as the process. */
export function memoryKeyStore(): KeyStore {
  const keys = new Map<string, StoredKey>();
  const byDigest = new Map<string, string>();
  /** Ids in the order of their last change. */
  const changed = new Map<string, number>();
  const trail: AuditRecord[] = [];
  let revision = 0;

  const note = (audit: AuditRecord): void => {
    trail.push(audit);
    if (trail.length > mostAuditRecords) trail.shift();
  };
  const put = (key: StoredKey, audit: AuditRecord): void => {
    for (const digest of digestsOf(keys.get(key.id))) byDigest.delete(digest);
    for (const digest of digestsOf(key)) byDigest.set(digest, key.id);
    keys.set(key.id, key);
    revision += 1;
    changed.delete(key.id);
    changed.set(key.id, revision);
    note(audit);
  };
  const taken = (key: StoredKey): boolean =>
    digestsOf(key).some((digest) => (byDigest.get(digest) ?? key.id) !== key.id);

  return {
    shared: false,
    find(digest) {
      const id = byDigest.get(digest);
      return id === undefined ? undefined : keys.get(id);
    },
    get: (id) => keys.get(id),
    list({ after, team, limit }) {
      return [...keys.values()]
        .filter((key) => (after === undefined || key.id > after) && (team === undefined || key.terms.team === team))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit);
    },
    create(key, audit) {
      if (keys.has(key.id) || taken(key)) return false;
      put(key, audit);
      return true;
    },
    replace(key, audit) {
      if (keys.get(key.id)?.version !== key.version - 1 || taken(key)) return false;
      put(key, audit);
      return true;
    },
    note,
    audit({ target, limit }) {
      return trail
        .filter((record) => target === undefined || record.target === target)
        .slice(-limit)
        .reverse();
    },
    changes(since) {
      if (since === undefined || since === revision) return { revision, keys: [] };
      if (revision - since > mostChangesTold) return { revision, keys: undefined };
      const told = [...changed].filter(([, at]) => at > since).flatMap(([id]) => keys.get(id) ?? []);
      return { revision, keys: told };
    },
  };
}

function digestsOf(key: StoredKey | undefined): readonly string[] {
  if (key === undefined) return [];
  return key.previous === undefined ? [key.digest] : [key.digest, key.previous.digest];
}
