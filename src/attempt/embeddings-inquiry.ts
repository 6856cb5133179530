import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { RequestBody } from '../core/request-body.ts';
import type { Usage } from '../core/usage.ts';
import type { EmbeddingAnswer, EmbeddingRequest } from '../dialects/canonical/embedding.ts';
import type { UpstreamFault } from '../dialects/canonical.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { embeddingCallers } from '../dialects/embeddings/callers.ts';
import type { EmbeddingCaller, EmbeddingFormat, EmbeddingReply } from '../dialects/embeddings/format.ts';
import { splitInputs } from '../dialects/embeddings/split-inputs.ts';
import { type EmbeddingEndpoint, embeddingEndpoint, endpointPath } from '../providers/endpoint.ts';
import type { Target } from '../providers/provider.ts';
import { spliceBody } from '../wire/splice-json.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { AnswerReader, Inquiry, OutgoingRequest, RawAnswer, WholeAnswer } from './inquiry.ts';
import { jsonReply } from './json-reply.ts';
import { PromptSize } from './prompt-size.ts';
import { answersOf, requestParts } from './request-parts.ts';
import { sumUsage } from './sum-usage.ts';
import { unreadable } from './unreadable.ts';

export interface EmbeddingsInquiryInit {
  readonly call: Pick<Call, 'origin'>;
  readonly body: RequestBody;
  readonly dialect: Dialect;
}

/** Bytes of the longest answer: 2,048 vectors of 3,072 numbers, written out. */
const maxAnswerBytes = 128 * 1024 * 1024;
/** Requests one call may become at a provider that takes few inputs in each. */
const maxRequests = 2048;

/** A caller asks for embeddings. */
export class EmbeddingsInquiry implements Inquiry {
  readonly dialect: Dialect;
  readonly includeUsage = false;
  readonly #caller: EmbeddingCaller;
  readonly #body: RequestBody;
  readonly #request: EmbeddingRequest;

  /** @throws GatewayError `invalid_request` when the body cannot mean a request */
  constructor({ call, body, dialect }: EmbeddingsInquiryInit) {
    const caller = embeddingCallers[dialect.name];
    if (caller === undefined) throw new GatewayError('not_found');
    this.dialect = dialect;
    this.#caller = caller;
    this.#body = body;
    this.#request = caller.decode(body.json, call.origin);
  }

  promptTokens(model: string): number {
    return new PromptSize(this.#body).tokensOf(model);
  }

  /** The caller's bytes where both speak the same and one request holds it all, one or several translated ones otherwise. */
  prepare(target: Target): OutgoingRequest {
    const endpoint = embeddingEndpoint(target.instance, target.model);
    if (endpoint === undefined) {
      throw new GatewayError('unsupported_parameter', {
        param: 'model',
        message: `\`${target.id}\` gives no embeddings.`,
      });
    }
    const batches = splitInputs(this.#request.inputs, endpoint.limits);
    if (batches.length > maxRequests) throw tooManyInputs(target);
    const place = { target, endpoint, path: endpointPath(target.instance, endpoint, target.model) };
    return (batches.length === 1 ? this.#asItIs(place) : undefined) ?? this.#translated(place, batches);
  }

  #asItIs({ target, endpoint, path }: Place): OutgoingRequest | undefined {
    const { format } = endpoint;
    if (format.name !== this.#caller.format) return undefined;
    const splices = format.passThrough?.request(this.#body.json, { model: target.model });
    if (splices === undefined) return undefined;
    const body = spliceBody(this.#body, splices);
    const read: AnswerReader = (answer, plan) => this.#passOn(answer, plan, format);
    return { ...this.#base(target), path, body, passThrough: true, dropped: [], read };
  }

  #translated({ target, endpoint, path }: Place, batches: Batches): OutgoingRequest {
    const { format } = endpoint;
    const encoded = batches.map((inputs) => format.encode({ ...this.#request, inputs }, { model: target.model }));
    const sizes = batches.map((batch) => batch.length);
    const read: AnswerReader = ({ json }, plan) =>
      this.#translate(answersOf(json, encoded.length), plan, { format, sizes });
    return {
      ...this.#base(target),
      ...requestParts(
        path,
        encoded.map(({ body }) => body),
      ),
      passThrough: false,
      dropped: encoded[0]?.dropped ?? [],
      read,
    };
  }

  #base({ instance }: Target): Pick<OutgoingRequest, 'dialect' | 'maxAnswerBytes'> {
    return { dialect: instance.provider.dialect, maxAnswerBytes };
  }

  #passOn({ json, bytes }: RawAnswer, plan: AttemptPlan, format: EmbeddingFormat): WholeAnswer {
    const inspected = format.passThrough?.answer(json, this.#body.json);
    if (inspected === undefined) return { fault: unreadable('no_answer') };
    if ('fault' in inspected) return inspected;
    const { inputs } = this.#request;
    if (inspected.vectors !== inputs.length) return { fault: unreadable('wrong_count') };
    if (!inspected.asAsked) return this.#translate([json], plan, { format, sizes: [inputs.length] });
    return { reply: jsonReply(bytes), usage: inspected.usage };
  }

  #translate(answers: readonly JsonValue[], plan: AttemptPlan, { format, sizes }: Expected): WholeAnswer {
    const read = readAll(answers, this.#request, { format, sizes });
    if ('fault' in read) return read;
    const { answer } = read;
    const reply: EmbeddingReply = { model: plan.reply.model, id: plan.call.id, asked: this.#body.json };
    return { reply: jsonReply(JSON.stringify(this.#caller.encode(answer, reply))), usage: answer.usage };
  }
}

type Batches = ReturnType<typeof splitInputs>;

/** Where a request goes. */
interface Place {
  readonly target: Target;
  readonly endpoint: EmbeddingEndpoint;
  readonly path: string;
}

interface Expected {
  readonly format: EmbeddingFormat;
  /** How many vectors each answer must have. */
  readonly sizes: readonly number[];
}

/** The vectors of all answers in the order of the inputs. A missing one would give every later input another's vector. */
function readAll(
  answers: readonly JsonValue[],
  request: EmbeddingRequest,
  { format, sizes }: Expected,
): { readonly answer: EmbeddingAnswer } | { readonly fault: UpstreamFault } {
  if (answers.length !== sizes.length) return { fault: unreadable('wrong_count') };
  const read: EmbeddingAnswer[] = [];
  for (const [place, json] of answers.entries()) {
    const decoded = format.decode(json, request);
    if ('fault' in decoded) return decoded;
    if (decoded.answer.vectors.length !== sizes[place]) return { fault: unreadable('wrong_count') };
    read.push(decoded.answer);
  }
  const usage: Usage | undefined = sumUsage(read.map((part) => part.usage));
  return { answer: { vectors: read.flatMap(({ vectors }) => vectors), ...(usage !== undefined && { usage }) } };
}

function tooManyInputs({ id }: Target): GatewayError {
  return new GatewayError('invalid_request', {
    param: 'input',
    message: `\`${id}\` takes so few inputs in one request that these would need more than ${maxRequests}. Send fewer.`,
  });
}
