import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../../src/core/json.ts';
import type { WireEvent } from '../../../src/dialects/dialect.ts';
import { wireEvents } from '../../support/corpus.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../fixtures/openai-chat');

export function jsonFixture(name: string): JsonObject {
  return JSON.parse(readFileSync(path.join(root, `${name}.json`), 'utf8'));
}

export function streamFixture(name: string): WireEvent[] {
  return wireEvents([readFileSync(path.join(root, 'streams', `${name}.sse`))]);
}

/** An answer as a stream and as a whole. */
export function answerFixture(name: string): { name: string; events: WireEvent[]; whole: JsonObject } {
  return { name, events: streamFixture(name), whole: jsonFixture(`answers/${name}`) };
}
