import type { AttemptEnd } from '../attempt/attempt-plan.ts';
import type { ForeignAnswer } from '../core/foreign-answer.ts';
import type { Reply } from '../core/reply.ts';
import { type Translation, withHeaders } from './translation.ts';

/** A translated call as the app's own handler sees it, and an attempt that listens to that handler. */
export function foreignAnswer(translation: Translation, conclude: (end: AttemptEnd) => Reply): ForeignAnswer {
  const { outgoing, headers, attempt } = translation;
  return {
    request: { path: outgoing.path, headers: toRecord(headers), body: Buffer.from(outgoing.body) },
    reply: attempt.result.then((result) =>
      result.kind === 'answered' ? withHeaders(result.reply, translation) : conclude(result.end),
    ),
    attach: (controls) => attempt.attach({ ...controls, sent: true }),
    onHead: (status, answered) => attempt.onHead(status, answered),
    onData: (chunk) => attempt.onData(chunk),
    onEnd: () => attempt.onEnd(),
    onBroken: () => attempt.onFault({ kind: 'connection', code: 'HANDLER_BROKE_OFF', sent: true, answering: true }),
  };
}

function toRecord(list: readonly string[]): Readonly<Record<string, string>> {
  const record: Record<string, string> = {};
  for (let index = 0; index + 1 < list.length; index += 2) record[list[index] ?? ''] = list[index + 1] ?? '';
  return record;
}
