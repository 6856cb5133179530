import { createServer } from 'node:http';
import path from 'node:path';
import express from 'express';
import { settledAttempt } from '../../verify/harness/ledger-lines.ts';
import { contenderFolder, serve } from '../process/serve.ts';
import { limitedGateway } from './limited-gateway.ts';

const rows = 1_000_000;
const batch = 5_000;
const spanMs = 90 * 86_400_000;

await fillLedger(path.join(contenderFolder(), 'gateway.db'));
const app = express();
app.disable('x-powered-by');
app.use('/v1', limitedGateway('storage'));
serve(createServer(app));

/** What a gateway has written in three months. */
async function fillLedger(file: string): Promise<void> {
  const { sqliteLedger }: typeof import('../../src/stores/sqlite/index.ts') = await import(
    new URL('../../dist/stores/sqlite/index.js', import.meta.url).href
  );
  const ledger = sqliteLedger({ path: file });
  const begin = Date.now() - spanMs;
  for (let first = 0; first < rows; first += batch) {
    const lines = Array.from({ length: batch }, (_, index) => {
      const number = first + index;
      const at = begin + Math.floor((number / rows) * spanMs);
      return settledAttempt({ id: `old-${number}-1`, user: `user-${number % 100}`, nanoUsd: 1_000, at });
    });
    await ledger.write(lines);
  }
  await ledger.close();
}
