import type { AttemptEnd } from '../attempt/attempt-plan.ts';
import { type BegunAttempt, beginAttempt } from '../attempt/begin-attempt.ts';
import type { Inquiry, OutgoingRequest } from '../attempt/inquiry.ts';
import { attemptOutcome, cancellationError, failureOutcome } from '../attempt/outcome.ts';
import { sendRequest } from '../attempt/send-request.ts';
import { authorizerFor } from '../attempt/take-key.ts';
import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import { header } from '../core/header-names.ts';
import { ownProviderKey } from '../core/own-provider-key.ts';
import { errorReply, type Reply } from '../core/reply.ts';
import type { AttemptRecord } from '../core/settlement.ts';
import type { Target } from '../providers/provider.ts';
import { finalError } from '../routing/final-error.ts';
import { defaultBackoff } from '../routing/retry-delay.ts';
import type { Engine } from './engine.ts';
import { firstOutputLatency, isDeadline, judgeAttempt } from './judge-attempt.ts';
import { type Choice, Selection } from './selection.ts';

export interface DriveInit {
  readonly engine: Engine;
  readonly call: Call;
  readonly inquiry: Inquiry;
  /** In order of trial. */
  readonly targets: readonly Target[];
  /** Runtime milliseconds. */
  readonly deadlineAt: number;
}

/** One call's way over its targets, until one of them has answered or none is left. */
export class Drive {
  readonly #init: DriveInit;
  readonly #selection: Selection;
  #attempts = 0;
  /** A fault came that no other target could mend. */
  #stopped = false;
  #deadlinePassed = false;

  constructor(init: DriveInit) {
    this.#init = init;
    this.#selection = new Selection(init);
  }

  async run(): Promise<Reply> {
    const { engine, call } = this.#init;
    engine.budget.recordRequest();
    while (this.#mayGoOn()) {
      const next = this.#selection.next();
      const choice = next instanceof Promise ? await next : next;
      if (choice === undefined) break;
      const pending = this.#prepare(choice);
      const outgoing = pending instanceof Promise ? await pending : pending;
      if (outgoing === undefined) continue;
      const { attempt, record } = this.#attempt(choice, outgoing);
      const result = await attempt.result;
      if (result.kind === 'answered') {
        // A probe's place is free as soon as the target has shown that it works; an ordinary attempt is judged at its end.
        if (choice.admission.role !== 'ordinary') choice.admission.succeed(firstOutputLatency(record));
        call.droppedParams = outgoing.dropped;
        return this.#withHeaders(result.reply, choice.link.target);
      }
    }
    return this.#giveUp();
  }

  #mayGoOn(): boolean {
    const { engine, call } = this.#init;
    return (
      !this.#stopped &&
      !this.#deadlinePassed &&
      this.#attempts < engine.settings.maxAttempts &&
      this.#selection.timeLeft() >= defaultBackoff.leastTimeLeft &&
      call.cancellation.reason === undefined
    );
  }

  /** The request for the target; `undefined` when it cannot take it, which says nothing of its health. */
  #prepare(choice: Choice): OutgoingRequest | undefined | Promise<OutgoingRequest | undefined> {
    try {
      const outgoing = this.#init.inquiry.prepare(choice.link.target);
      if (!(outgoing instanceof Promise)) return this.#accepted(outgoing, choice);
      return outgoing.then(
        (prepared) => this.#accepted(prepared, choice),
        (thrown: unknown) => this.#unfit(choice, thrown),
      );
    } catch (thrown) {
      return this.#unfit(choice, thrown);
    }
  }

  #accepted(outgoing: OutgoingRequest, choice: Choice): OutgoingRequest | undefined {
    if (outgoing.dropped.length === 0 || this.#init.engine.settings.unsupported === 'drop') return outgoing;
    const [param] = outgoing.dropped;
    const message = `\`${choice.link.target.id}\` does not take: ${outgoing.dropped.join(', ')}.`;
    return this.#unfit(
      choice,
      new GatewayError('unsupported_parameter', { ...(param !== undefined && { param }), message }),
    );
  }

  #unfit({ link, admission }: Choice, thrown: unknown): undefined {
    link.unfit = thrown instanceof GatewayError ? thrown : new GatewayError('internal_error', { cause: thrown });
    admission.release();
  }

  #attempt(choice: Choice, outgoing: OutgoingRequest): BegunAttempt {
    const { engine, call, inquiry, deadlineAt } = this.#init;
    const { key } = choice;
    const { target } = choice.link;
    this.#attempts += 1;
    this.#selection.taken(choice);
    const begun = beginAttempt({
      call,
      inquiry,
      target,
      outgoing,
      deadlineAt,
      keyNumber: key?.number,
      emit: engine.emit,
      onEnd: (end, ended) => this.#ended(end, { choice, record: ended }),
    });
    const link = engine.link(target);
    sendRequest({ link, key, authorizer: authorizerFor(link, call), outgoing, stream: call.stream }, begun.attempt);
    return begun;
  }

  /** An attempt is over: a failed one before anybody saw it, a stream at its last byte. */
  #ended(end: AttemptEnd, { choice, record }: { readonly choice: Choice; readonly record: AttemptRecord }): void {
    const { engine, call } = this.#init;
    const decision = judgeAttempt(end, { choice, record }, { engine, call, chain: this.#selection.links.length > 1 });
    if (end.fault !== undefined && decision !== undefined) {
      this.#selection.words.push({ target: choice.link.target.id, fault: end.fault });
      if (isDeadline(end.fault)) this.#deadlinePassed = true;
      else if (!decision.sameTarget && !decision.nextTarget) this.#stopped = true;
    }
    const outcome = attemptOutcome(end, record);
    if (outcome !== undefined) call.finish(outcome);
  }

  #giveUp(): Reply {
    const { call } = this.#init;
    const { reason } = call.cancellation;
    const error = reason === undefined ? this.#lastWord() : cancellationError(reason);
    call.finish(failureOutcome(error));
    return this.#withHeaders(errorReply(error, call.dialect), this.#selection.previous?.target);
  }

  #lastWord(): GatewayError {
    const { words, links } = this.#selection;
    const unfit = links.find((link) => link.unfit !== undefined)?.unfit;
    if (words.length === 0 && unfit !== undefined) return unfit;
    return finalError({
      words,
      ownKey: this.#init.call.get(ownProviderKey) !== undefined,
      recoversInMs: this.#selection.recoversIn(),
      deadlinePassed:
        this.#deadlinePassed || (!this.#stopped && this.#selection.timeLeft() < defaultBackoff.leastTimeLeft),
    });
  }

  #withHeaders(reply: Reply, target: Target | undefined): Reply {
    const { droppedParams } = this.#init.call;
    const headers: Record<string, string | number> = { ...reply.headers, [header.attempts]: this.#attempts };
    if (target !== undefined) headers[header.provider] = target.instance.name;
    if (droppedParams.length > 0) headers[header.droppedParams] = droppedParams.join(', ');
    return { ...reply, headers };
  }
}
