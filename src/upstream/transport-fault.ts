/** A failure below HTTP. */
export interface TransportFault {
  readonly kind: 'connection' | 'invalid_response';
  /** Node's or undici's error code. */
  readonly code: string;
  /** Whether any byte of the request may have reached the provider: then it may have been worked on, and billed. */
  readonly sent: boolean;
  /** Whether an answer had begun. */
  readonly answering: boolean;
}

/** Reads an error by its code: inside test runners and worker realms `instanceof` says nothing. */
export function transportFault(error: unknown, phase: { sent: boolean; answering: boolean }): TransportFault {
  const code = errorCode(error);
  const unreadable = code.startsWith('HPE_') || unreadableCodes.has(code);
  return { kind: unreadable ? 'invalid_response' : 'connection', code, ...phase };
}

/** The peer does not speak HTTP, or not within bounds. undici names its parser's complaints, but gives them no code. */
const unreadableCodes: ReadonlySet<string> = new Set([
  'HTTPParserError',
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_RES_EXCEEDED_MAX_SIZE',
]);

function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'UNKNOWN';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'name' in error && typeof error.name === 'string' ? error.name : 'UNKNOWN';
}
