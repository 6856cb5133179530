import { ChatInquiry } from '../attempt/chat-inquiry.ts';
import { CountTokensInquiry } from '../attempt/count-tokens-inquiry.ts';
import { EmbeddingsInquiry } from '../attempt/embeddings-inquiry.ts';
import { ImagesInquiry } from '../attempt/images-inquiry.ts';
import type { Inquiry } from '../attempt/inquiry.ts';
import type { RequestFields } from '../attempt/request-fields.ts';
import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import type { RequestBody } from '../core/request-body.ts';
import type { Dialect } from '../dialects/dialect.ts';

export interface Asked {
  readonly call: Call;
  readonly body: RequestBody;
  readonly dialect: Dialect;
  readonly fields: RequestFields;
}

/**
 * What a call asks for, by its operation.
 *
 * @throws GatewayError `not_found` for what no provider is asked for, and those of reading the body
 */
export function inquire({ call, body, dialect, fields }: Asked): Inquiry {
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
      return new ChatInquiry({ call, body, dialect, includeUsage: fields.includeUsage });
  }
}
