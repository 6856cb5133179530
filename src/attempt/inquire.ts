import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import type { RequestBody } from '../core/request-body.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { MediaFetcher } from '../upstream/fetch-media.ts';
import { ChatInquiry } from './chat-inquiry.ts';
import { CountTokensInquiry } from './count-tokens-inquiry.ts';
import { EmbeddingsInquiry } from './embeddings-inquiry.ts';
import { ImagesInquiry } from './images-inquiry.ts';
import type { Inquiry } from './inquiry.ts';
import type { RequestFields } from './request-fields.ts';

export interface Asked {
  readonly call: Call;
  readonly body: RequestBody;
  readonly dialect: Dialect;
  readonly fields: RequestFields;
  readonly media: MediaFetcher | undefined;
}

/**
 * What a call asks for, by its operation.
 *
 * @throws GatewayError `not_found` for what no provider is asked for, and those of reading the body
 */
export function inquire({ call, body, dialect, fields, media }: Asked): Inquiry {
  switch (call.operation) {
    case 'count-tokens':
      return new CountTokensInquiry({ call, body, dialect });
    case 'embeddings':
      return new EmbeddingsInquiry({ call, body, dialect });
    case 'images':
      return new ImagesInquiry({ call, body, dialect });
    case 'models':
    case 'health':
      throw new GatewayError('not_found');
    default:
      return new ChatInquiry({ call, body, dialect, includeUsage: fields.includeUsage, media });
  }
}

/** Whether a call is answered with a stream. Where streams are what one gets unasked (Ollama), that is said of chat alone. */
export function isStreamed({ operation }: Call, fields: RequestFields): boolean {
  return fields.stream && operation !== 'embeddings';
}
