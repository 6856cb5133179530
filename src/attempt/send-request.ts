import type { TakenKey } from '../routing/key-ring.ts';
import type { Attempt } from './attempt.ts';
import type { OutgoingRequest } from './inquiry.ts';
import { acceptedType, type Link, requestHeaders } from './link.ts';

export interface SendRequest {
  readonly link: Link;
  readonly key: TakenKey | undefined;
  readonly outgoing: OutgoingRequest;
  readonly stream: boolean;
}

/** Sends a request to its target; the attempt hears what becomes of it. */
export function sendRequest({ link, key, outgoing, stream }: SendRequest, attempt: Attempt): void {
  const headers = requestHeaders(link, key, acceptedType(outgoing.dialect, stream));
  const { path, body } = outgoing;
  const { authorizer, origin } = link.instance;
  const dispatch = (credential: Readonly<Record<string, string>>): void => {
    for (const name in credential) headers.push(name, credential[name] ?? '');
    attempt.attach(link.client.post({ path, headers, body }, attempt));
  };
  if (authorizer === undefined) {
    dispatch({});
    return;
  }
  Promise.resolve()
    .then(() => authorizer.authorize({ method: 'POST', origin, path, headers, body }))
    .then((credential) => {
      if (!attempt.over) dispatch(credential);
    })
    .catch((thrown: unknown) => attempt.abandon({ kind: 'auth', message: '', code: errorName(thrown) }));
}

/** The class of an error and never its text, which may repeat a credential. */
function errorName(thrown: unknown): string {
  return thrown instanceof Object && 'name' in thrown && typeof thrown.name === 'string'
    ? thrown.name
    : 'no_credential';
}
