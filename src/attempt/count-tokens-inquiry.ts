import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import { header } from '../core/header-names.ts';
import type { JsonObject } from '../core/json.ts';
import type { Reply, ReplyHeaders } from '../core/reply.ts';
import type { RequestBody } from '../core/request-body.ts';
import type { ChatRequest } from '../dialects/canonical.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { type TokenCounting, tokenCounting } from '../dialects/token-counting.ts';
import { estimatePromptTokens } from '../dialects/token-estimate/prompt-tokens.ts';
import type { Target } from '../providers/provider.ts';
import type { AnswerReader, Inquiry, OutgoingRequest } from './inquiry.ts';
import { jsonReply } from './json-reply.ts';
import { unreadable } from './unreadable.ts';

export interface CountTokensInit {
  readonly call: Pick<Call, 'origin'>;
  readonly body: RequestBody;
  readonly dialect: Dialect;
}

/** A caller asks how many tokens a prompt has. */
export class CountTokensInquiry implements Inquiry {
  readonly dialect: Dialect;
  readonly includeUsage = false;
  readonly #counting: TokenCounting;
  readonly #body: JsonObject;
  readonly #request: ChatRequest;

  /** @throws GatewayError `invalid_request` when the body cannot mean a request */
  constructor({ call, body, dialect }: CountTokensInit) {
    const counting = tokenCounting[dialect.name];
    if (counting === undefined) throw new GatewayError('not_found');
    this.dialect = dialect;
    this.#counting = counting;
    this.#body = counting.chatRequest(body.json);
    this.#request = dialect.request.decode(this.#body, call.origin);
  }

  promptTokens(model: string): number {
    return estimatePromptTokens(this.#request, model);
  }

  prepare({ instance, model }: Target): OutgoingRequest {
    const { dialect, countTokensPath } = instance.provider;
    const theirs = tokenCounting[dialect.name];
    if (countTokensPath === undefined || theirs === undefined) {
      throw new GatewayError('unsupported_parameter', { message: `\`${instance.name}\` does not count tokens.` });
    }
    const same = dialect.name === this.dialect.name;
    const encoded = same
      ? { ...this.#body, ...this.#ownModel(model) }
      : dialect.request.encode(this.#request, { model }).body;
    return {
      path: instance.basePath + countTokensPath(model),
      body: JSON.stringify(theirs.question(encoded, model)),
      dialect,
      passThrough: false,
      dropped: [],
      read: this.#reader(theirs),
    };
  }

  /** The answer when nobody can be asked: what this model would count. */
  estimate(model: string): Reply {
    return this.#reply(this.promptTokens(model), { [header.tokenCount]: 'estimated' });
  }

  #ownModel(model: string): JsonObject {
    return this.#body.model === undefined ? {} : { model };
  }

  #reader(theirs: TokenCounting): AnswerReader {
    return ({ json }) => {
      const tokens = theirs.decode(json);
      return tokens === undefined ? { fault: unreadable('no_answer') } : { reply: this.#reply(tokens, {}) };
    };
  }

  #reply(tokens: number, headers: ReplyHeaders): Reply {
    return jsonReply(JSON.stringify(this.#counting.encode(tokens)), headers);
  }
}

/** Whether a target has a way to ask for it. */
export function countsTokens({ instance }: Target): boolean {
  return instance.provider.countTokensPath !== undefined;
}
