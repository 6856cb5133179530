import type { CommonProtocol, Message, Protocol, Question } from './messages.ts';
import { Profiler } from './profiler.ts';

type Handlers<Questions extends Protocol> = {
  readonly [Kind in keyof Questions]: (
    ask: Questions[Kind]['ask'],
  ) => Questions[Kind]['answer'] | Promise<Questions[Kind]['answer']>;
};

const profiler = new Profiler();

const common: Handlers<CommonProtocol> = {
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  memory: async () => {
    // The second pass frees what finalisers of the first let go.
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc?.();
    return process.memoryUsage.rss();
  },
  'start-profile': () => profiler.start(),
  'stop-profile': (file) => profiler.stop(file),
};

/**
 * The child's side: answers the parent's questions, tells it that the child is ready, and ends with it.
 *
 * @param port where the child listens; 0 when it does not
 */
export function answerQuestions<Questions extends Protocol>(port: number, handlers: Handlers<Questions>): void {
  const table = new Map<string, (ask: never) => unknown>(Object.entries({ ...common, ...handlers }));
  process.on('message', (question: Question) => {
    const handler = table.get(question.kind);
    Promise.resolve()
      .then(() => {
        if (handler === undefined) throw new Error(`No handler for "${question.kind}".`);
        return handler(question.ask as never);
      })
      .then(
        (answer) => tell({ kind: 'answer', id: question.id, answer }),
        (thrown: unknown) => tell({ kind: 'failure', id: question.id, message: String(thrown) }),
      );
  });
  process.on('disconnect', () => process.exit(0));
  tell({ kind: 'ready', port });
}

function tell(message: Message): void {
  process.send?.(message);
}
