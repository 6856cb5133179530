import type { Authorizer } from '../providers/provider.ts';
import type { TakenKey } from '../routing/key-ring.ts';
import type { Exchange, ExchangeListener } from '../upstream/http-client.ts';
import type { Attempt } from './attempt.ts';
import { maxAnswerBytes } from './attempt-plan.ts';
import { authorizedExchange } from './authorized-exchange.ts';
import { fanOut, type RequestPart } from './fan-out.ts';
import type { OutgoingRequest } from './inquiry.ts';
import { acceptedType, type Link, requestHeaders } from './link.ts';

export interface SendRequest {
  readonly link: Link;
  readonly key: TakenKey | undefined;
  /** Signs the request, where a key does not. */
  readonly authorizer: Authorizer | undefined;
  readonly outgoing: OutgoingRequest;
  readonly stream: boolean;
}

/** Sends a request to its target, in several where it has to be; the attempt hears what becomes of it. */
export function sendRequest({ link, key, authorizer, outgoing, stream }: SendRequest, attempt: Attempt): void {
  const headers = requestHeaders(link, key, acceptedType(outgoing.dialect, stream));
  const open = (part: RequestPart, listener: ExchangeListener): Exchange => {
    const request = { path: part.path, headers: [...headers], body: part.body };
    if (authorizer === undefined) return link.client.post(request, listener);
    const onRefused = (code: string): void => attempt.abandon({ kind: 'auth', message: '', code });
    return authorizedExchange({ link, authorizer, request, listener, onRefused });
  };
  const { more } = outgoing;
  if (more === undefined) attempt.attach(open(outgoing, attempt));
  else {
    const parts = [outgoing, ...more];
    const maxBytes = outgoing.maxAnswerBytes ?? maxAnswerBytes;
    attempt.attach(fanOut({ parts, open, listener: attempt, maxBytes }));
  }
}
