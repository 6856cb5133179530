import { createServer, type Socket } from 'node:net';
import { answerQuestions } from '../process/answer-questions.ts';
import { type Prepared, preparedAnswer } from './prepared-answers.ts';
import type { ProviderProtocol } from './protocol.ts';
import { RequestReader } from './request-reader.ts';

const counts = { answered: 0, refused: 0, chunks: 0 };
let intervalMs = 20;

const server = createServer({ noDelay: true }, (socket) => {
  const reader = new RequestReader((request) => {
    const prepared = preparedAnswer(request);
    if (prepared.kind === 'whole') {
      if (prepared.refused) counts.refused += 1;
      else counts.answered += 1;
      socket.write(prepared.bytes);
      if (request.closes) socket.end();
    } else {
      writeStream(socket, prepared, request.closes);
    }
  });
  socket.on('data', (bytes) => reader.push(bytes));
  // A caller that goes in the middle is no fault of the provider.
  socket.on('error', () => socket.destroy());
});

/** The first chunk at once, the others one per interval, until the caller goes. */
function writeStream(socket: Socket, { head, frames }: Prepared & { kind: 'stream' }, closes: boolean): void {
  let next = 0;
  const writeNext = (): void => {
    const frame = frames[next];
    if (frame !== undefined && !socket.destroyed) {
      counts.chunks += 1;
      next += 1;
      socket.write(frame);
    }
    if (next === frames.length || socket.destroyed) stop();
  };
  const stop = (): void => {
    clearInterval(timer);
    socket.off('close', stop);
    if (closes) socket.end();
  };
  const timer = setInterval(writeNext, intervalMs);
  socket.on('close', stop);
  socket.write(head);
  writeNext();
}

server.listen(0, '127.0.0.1', 1024, () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The provider listens on no port.');
  answerQuestions<ProviderProtocol>(address.port, {
    pace: (milliseconds) => {
      intervalMs = milliseconds;
      return undefined;
    },
    counts: () => ({ ...counts }),
  });
});
