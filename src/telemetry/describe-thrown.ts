/** What a log may say of a thrown value. */
export interface ThrownDescription {
  /** Its code, or the name of its class. */
  readonly cause?: string;
  /** Where it was thrown. */
  readonly stack?: string;
}

const maxFrames = 5;

/** Never the message: it can quote a prompt or a header. */
export function describeThrown(thrown: unknown): ThrownDescription {
  if (typeof thrown !== 'object' || thrown === null) return {};
  const cause = causeOf(thrown);
  const stack = stackOf(thrown);
  return { ...(cause !== undefined && { cause }), ...(stack !== undefined && { stack }) };
}

function causeOf(thrown: object): string | undefined {
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return 'name' in thrown && typeof thrown.name === 'string' ? thrown.name : undefined;
}

/** A stack begins with the message, whose own lines can look like places: all of it goes. */
function stackOf(thrown: object): string | undefined {
  if (!('stack' in thrown && typeof thrown.stack === 'string')) return undefined;
  if (!('message' in thrown && typeof thrown.message === 'string')) return undefined;
  const start = thrown.stack.indexOf(thrown.message);
  if (start === -1) return undefined;
  return thrown.stack
    .slice(start + thrown.message.length)
    .split('\n')
    .slice(1, 1 + maxFrames)
    .map((row) => row.trim())
    .join('; ');
}
