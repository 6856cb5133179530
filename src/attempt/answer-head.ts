import type { HeaderReader } from '../dialects/dialect.ts';
import type { UpstreamHeaders } from '../upstream/http-client.ts';

/** What the head of a provider's answer says of the rest. */
export interface AnswerHead {
  readonly status: number;
  /** `undefined` for a body that is sent as it is. */
  readonly encoding: string | undefined;
  readonly isEventStream: boolean;
  readonly header: HeaderReader;
}

export function readAnswerHead(status: number, headers: UpstreamHeaders): AnswerHead {
  const encoding = firstValue(headers['content-encoding'])?.trim().toLowerCase();
  const contentType = firstValue(headers['content-type'])?.toLowerCase();
  return {
    status,
    encoding: encoding === '' || encoding === 'identity' ? undefined : encoding,
    isEventStream: contentType?.startsWith('text/event-stream') ?? false,
    header(name) {
      const value = headers[name];
      return typeof value === 'string' || value === undefined ? value : value.join(', ');
    },
  };
}

function firstValue(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' || value === undefined ? value : value[0];
}
