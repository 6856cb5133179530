import type { HeaderReader } from '../dialects/dialect.ts';
import type { UpstreamHeaders } from '../upstream/http-client.ts';
import type { StreamFraming } from '../wire/stream-framing.ts';

/** What the head of a provider's answer says of the rest. */
export interface AnswerHead {
  readonly status: number;
  /** `undefined` for a body that is sent as it is. */
  readonly encoding: string | undefined;
  /** Whether the body is a stream of the provider's dialect. */
  readonly isStream: boolean;
  readonly header: HeaderReader;
}

export function readAnswerHead(
  status: number,
  headers: UpstreamHeaders,
  { mediaType, alsoSentAs = mediaType }: Pick<StreamFraming, 'mediaType' | 'alsoSentAs'>,
): AnswerHead {
  const encoding = firstValue(headers['content-encoding'])?.trim().toLowerCase();
  const contentType = firstValue(headers['content-type'])?.toLowerCase();
  return {
    status,
    encoding: encoding === '' || encoding === 'identity' ? undefined : encoding,
    isStream: contentType !== undefined && (contentType.startsWith(mediaType) || contentType.startsWith(alsoSentAs)),
    header(name) {
      const value = headers[name];
      return typeof value === 'string' || value === undefined ? value : value.join(', ');
    },
  };
}

function firstValue(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' || value === undefined ? value : value[0];
}
