import type { Server } from 'node:http';
import { answerQuestions } from './answer-questions.ts';

/** Origin of the fake provider, e.g. `http://127.0.0.1:40123`. */
export function providerOrigin(): string {
  const origin = process.env.BENCH_PROVIDER;
  if (origin === undefined) throw new Error('A contender is started by bench/run.ts.');
  return origin;
}

/** A folder of the contender's own, empty when it starts and removed when it has ended. */
export function contenderFolder(): string {
  const folder = process.env.BENCH_FOLDER;
  if (folder === undefined) throw new Error('A contender is started by bench/run.ts.');
  return folder;
}

/** Starts a contender on a port of the system's choice and tells the bench. */
export function serve(server: Server): void {
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The contender listens on no port.');
    answerQuestions(address.port, {});
  });
}
