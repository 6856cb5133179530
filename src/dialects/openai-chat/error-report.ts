import {
  asArray,
  asNumber,
  asObject,
  asString,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseObject,
} from '../../core/json.ts';

/** What an error body says. */
export interface ErrorReport {
  readonly message: string;
  readonly code?: string;
  readonly type?: string;
  readonly param?: string;
  /** A status the body names itself; the only one there is inside a 200. */
  readonly status?: number;
}

/**
 * OpenAI nests `{error: {message, type, param, code}}`; Mistral is flat; FastAPI servers say `detail`; xAI and Venice
 * send `error` as a string; some wrap it all in an array.
 */
export function readReport(body: JsonValue): ErrorReport | undefined {
  const json = Array.isArray(body) ? body[0] : body;
  if (typeof json === 'string') return { message: json };
  if (!isJsonObject(json)) return undefined;
  if (typeof json.error === 'string') return reportOf({ ...json, message: json.error });
  return reportOf(asObject(json.error) ?? asObject(asArray(json.errors)[0]) ?? json);
}

/** What the body of a 200, or a frame of a stream, reports as a failure, where it does. */
export function readInBandReport(body: JsonObject): ErrorReport | undefined {
  const { error } = body;
  const reported = error !== undefined && error !== null && error !== false && error !== '';
  const isFlat = body.object === 'error' && typeof body.message === 'string';
  return reported || isFlat ? readReport(body) : undefined;
}

function reportOf(error: JsonObject): ErrorReport | undefined {
  const message = messageOf(error);
  const code = wordOf(error.code);
  const type = wordOf(error.type);
  const param = asString(error.param);
  const status = statusOf(error);
  if (message === '' && code === undefined && type === undefined && status === undefined) return undefined;
  return {
    message,
    ...(code !== undefined && { code }),
    ...(type !== undefined && { type }),
    ...(param !== undefined && { param }),
    ...(status !== undefined && { status }),
  };
}

function messageOf(error: JsonObject): string {
  const message = asString(error.message) ?? asString(error.Message) ?? detailText(error.detail);
  const behind = messageBehind(asObject(error.metadata)?.raw);
  return behind === '' ? message : `${message}: ${behind}`;
}

/** OpenRouter says "Provider returned error" and keeps the provider's own body, as text, in `metadata.raw`. */
function messageBehind(raw: JsonValue | undefined): string {
  if (typeof raw !== 'string') return '';
  const parsed = parseObject(raw);
  return parsed === undefined ? raw : (readReport(parsed)?.message ?? '');
}

/** FastAPI: a string, or one `{loc, msg}` per problem. */
function detailText(detail: JsonValue | undefined): string {
  if (typeof detail === 'string') return detail;
  return asArray(detail)
    .flatMap((problem) => asString(asObject(problem)?.msg) ?? [])
    .join('; ');
}

/** A code or type that is a word. Azure, OpenRouter and others repeat the status there, as number or string. */
function wordOf(value: JsonValue | undefined): string | undefined {
  const word = asString(value);
  return word === undefined || word === '' || isStatus(Number(word)) ? undefined : word;
}

function statusOf(error: JsonObject): number | undefined {
  const candidates = [error.status_code, error.raw_status_code, error.code, error.status].map((value) =>
    asNumber(typeof value === 'string' && value !== '' ? Number(value) : value),
  );
  return candidates.find((status) => status !== undefined && isStatus(status));
}

function isStatus(value: number): boolean {
  return Number.isInteger(value) && value >= 400 && value <= 599;
}
