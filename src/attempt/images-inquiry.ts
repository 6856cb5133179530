import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { RequestBody } from '../core/request-body.ts';
import type { ImageAnswer, ImageRequest } from '../dialects/canonical/image.ts';
import type { UpstreamFault } from '../dialects/canonical.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { ImageFormat } from '../dialects/images/format.ts';
import { openaiImageCaller, withImageStream } from '../dialects/images/openai/index.ts';
import { endpointPath, type ImageEndpoint, imageEndpoint } from '../providers/endpoint.ts';
import type { Target } from '../providers/provider.ts';
import { spliceBody } from '../wire/splice-json.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { AnswerReader, Inquiry, OutgoingRequest, RawAnswer, WholeAnswer } from './inquiry.ts';
import { jsonReply } from './json-reply.ts';
import { PromptSize } from './prompt-size.ts';
import { answersOf, requestParts } from './request-parts.ts';
import { sumUsage } from './sum-usage.ts';
import { unreadable } from './unreadable.ts';

export interface ImagesInquiryInit {
  readonly call: Pick<Call, 'origin' | 'stream'>;
  readonly body: RequestBody;
  readonly dialect: Dialect;
}

/** Ten pictures of the highest resolution, in base64. */
const maxAnswerBytes = 256 * 1024 * 1024;
/** Milliseconds a picture may take: the best ones take longer than the first word of a chat ever does. */
const patience = 180_000;

/** A caller asks for pictures. Only OpenAI's form of that is known to callers. */
export class ImagesInquiry implements Inquiry {
  readonly dialect: Dialect;
  readonly includeUsage = true;
  readonly #body: RequestBody;
  readonly #stream: boolean;
  readonly #request: ImageRequest;

  /** @throws GatewayError `invalid_request` when the body cannot mean a request */
  constructor({ call, body, dialect }: ImagesInquiryInit) {
    if (dialect.name !== 'openai-chat') throw new GatewayError('not_found');
    this.dialect = withImageStream(dialect);
    this.#body = body;
    this.#stream = call.stream;
    this.#request = openaiImageCaller.decode(body.json, call.origin);
  }

  promptTokens(model: string): number {
    return new PromptSize(this.#body).tokensOf(model);
  }

  /** The caller's bytes where both speak the same and the model takes all of it, one or several translated requests otherwise. */
  prepare(target: Target): OutgoingRequest {
    const endpoint = imageEndpoint(target.instance, target.model);
    if (endpoint === undefined) throw unsupported('model', `\`${target.id}\` makes no pictures.`);
    const place = { target, endpoint, path: endpointPath(target.instance, endpoint, target.model) };
    const asItIs = this.#asItIs(place);
    if (asItIs !== undefined) return asItIs;
    if (this.#stream) throw unsupported('stream', `\`${target.id}\` does not stream pictures.`);
    return this.#translated(place);
  }

  #asItIs({ target, endpoint, path }: Place): OutgoingRequest | undefined {
    const { format, picturesPerRequest = this.#request.count } = endpoint;
    if (format.name !== 'openai') return undefined;
    if (this.#request.count > picturesPerRequest) return undefined;
    const splices = format.passThrough?.(this.#body.json, { model: target.model });
    if (splices === undefined) return undefined;
    const body = spliceBody(this.#body, splices);
    const read: AnswerReader = (answer) => this.#passOn(answer, format);
    return { ...base(target), path, body, passThrough: true, dropped: [], read };
  }

  #translated({ target, endpoint, path }: Place): OutgoingRequest {
    const { format } = endpoint;
    const counts = splitCount(this.#request.count, endpoint.picturesPerRequest);
    const encoded = counts.map((count) => format.encode({ ...this.#request, count }, { model: target.model }));
    return {
      ...base(target),
      ...requestParts(
        path,
        encoded.map(({ body }) => body),
      ),
      passThrough: false,
      dropped: encoded[0]?.dropped ?? [],
      read: ({ json }, plan) => translate(answersOf(json, encoded.length), format, plan),
    };
  }

  #passOn({ json, bytes }: RawAnswer, format: ImageFormat): WholeAnswer {
    // Who waits for events can do nothing with a whole answer.
    if (this.#stream) return { fault: unreadable('no_stream') };
    const decoded = format.decode(json);
    if ('fault' in decoded) return decoded;
    return { reply: jsonReply(bytes), usage: decoded.answer.usage };
  }
}

/** Where a request goes. */
interface Place {
  readonly target: Target;
  readonly endpoint: ImageEndpoint;
  readonly path: string;
}

function base({ instance }: Target): Pick<OutgoingRequest, 'dialect' | 'maxAnswerBytes' | 'patience'> {
  return { dialect: withImageStream(instance.provider.dialect), maxAnswerBytes, patience };
}

/** How many pictures each request asks for. */
function splitCount(count: number, most = count): readonly number[] {
  return Array.from({ length: Math.ceil(count / most) }, (_, place) => Math.min(most, count - place * most));
}

function translate(answers: readonly JsonValue[], format: ImageFormat, plan: AttemptPlan): WholeAnswer {
  const read = readAll(answers, format);
  if ('fault' in read) return read;
  const { answer } = read;
  const body = JSON.stringify(openaiImageCaller.encode(answer, { created: plan.reply.created }));
  return { reply: jsonReply(body), usage: answer.usage };
}

/** All pictures there are. That a filter stopped some of several is no failure, as it is none within one answer. */
function readAll(
  answers: readonly JsonValue[],
  format: ImageFormat,
): { readonly answer: ImageAnswer } | { readonly fault: UpstreamFault } {
  const read: ImageAnswer[] = [];
  let stopped: UpstreamFault | undefined;
  for (const json of answers) {
    const decoded = format.decode(json);
    if ('answer' in decoded) read.push(decoded.answer);
    else if (decoded.fault.kind === 'content_filter') stopped ??= decoded.fault;
    else return decoded;
  }
  const [first] = read;
  if (first === undefined) return { fault: stopped ?? unreadable('no_answer') };
  if (answers.length === 1) return { answer: first };
  const usage = sumUsage(read.map((part) => part.usage));
  const { usageDetails: _ofOne, usage: _its, ...rest } = first;
  return {
    answer: { ...rest, images: read.flatMap(({ images }) => images), ...(usage !== undefined && { usage }) },
  };
}

function unsupported(param: string, message: string): GatewayError {
  return new GatewayError('unsupported_parameter', { param, message });
}
