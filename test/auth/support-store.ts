import type { KeyStore } from '../../src/auth/key-store.ts';
import { memoryKeyStore } from '../../src/stores/memory/key-store.ts';

/** A store that others share, and that can go away. */
export interface SharedStore extends KeyStore {
  /** `frozen` keeps every question and answers none. */
  state: 'up' | 'refusing' | 'frozen';
  /** Which questions were asked, in order. */
  readonly asked: string[];
  /** Keeps the answers to the questions that come from here on, until it is called. */
  hold(): () => void;
}

export function sharedStore(memory: KeyStore = memoryKeyStore()): SharedStore {
  const asked: string[] = [];
  let held: Promise<void> | undefined;
  const ask = async <Value>(question: string, work: () => Value | Promise<Value>): Promise<Value> => {
    asked.push(question);
    if (store.state === 'refusing') throw new Error('ECONNREFUSED');
    if (store.state === 'frozen') await new Promise<never>(() => {});
    const answer = await work();
    await held;
    return answer;
  };
  const store: SharedStore = {
    state: 'up',
    asked,
    shared: true,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        held = undefined;
        resolve();
      };
    },
    find: (digest) => ask('find', () => memory.find(digest)),
    get: (id) => ask('get', () => memory.get(id)),
    list: (page) => ask('list', () => memory.list(page)),
    create: (key, audit) => ask('create', () => memory.create(key, audit)),
    replace: (key, audit) => ask('replace', () => memory.replace(key, audit)),
    note: (audit) => ask('note', () => memory.note(audit)),
    audit: (page) => ask('audit', () => memory.audit(page)),
    changes: (since) => ask('changes', () => memory.changes(since)),
  };
  return store;
}
