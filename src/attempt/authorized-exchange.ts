import { patience } from '../core/patience.ts';
import { isPromiseLike } from '../core/promise-like.ts';
import type { Timer } from '../core/runtime.ts';
import type { AuthorizedRequest, Authorizer, CredentialHeaders } from '../providers/provider.ts';
import type { Exchange, ExchangeListener, UpstreamHeaders, UpstreamRequest } from '../upstream/http-client.ts';
import type { TransportFault } from '../upstream/transport-fault.ts';
import type { Link } from './link.ts';

export interface AuthorizedExchangeInit {
  readonly link: Link;
  readonly authorizer: Authorizer;
  readonly request: UpstreamRequest;
  readonly listener: ExchangeListener;
  /** There is no credential to be had; nothing was sent. Told the name of the error, never its text. */
  readonly onRefused: (code: string) => void;
}

/** Whoever gives out credentials must not hold up a call for longer. Milliseconds. */
const credentialPatience = 10_000;

/**
 * An exchange that begins when its credential is there. One that the provider refuses as no longer good is replaced once,
 * and the request sent again: nothing was done with it, and the listener hears of the second answer only.
 */
export function authorizedExchange(init: AuthorizedExchangeInit): Exchange {
  const exchange = new AuthorizedExchange(init);
  exchange.start();
  return exchange;
}

class AuthorizedExchange implements Exchange, ExchangeListener {
  readonly #init: AuthorizedExchangeInit;
  #exchange: Exchange | undefined;
  #credential: CredentialHeaders = {};
  #renewed = false;
  #paused = false;
  #over = false;
  #timer: Timer | undefined;

  constructor(init: AuthorizedExchangeInit) {
    this.#init = init;
  }

  start(): void {
    const { link, authorizer, request } = this.#init;
    const asked: AuthorizedRequest = {
      method: 'POST',
      origin: link.instance.origin,
      wallTime: link.runtime.wallTime(),
      ...request,
    };
    const credential = ask(authorizer, asked);
    if (!isPromiseLike(credential)) {
      this.#send(credential);
      return;
    }
    this.#timer = patience(link.runtime, credentialPatience, () => this.#lateCredential());
    credential.then(
      (arrived) => this.#send(arrived),
      (thrown: unknown) => this.#noCredential(thrown),
    );
  }

  get sent(): boolean {
    return this.#exchange?.sent === true;
  }

  pause(): void {
    this.#paused = true;
    this.#exchange?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#exchange?.resume();
  }

  abort(): void {
    this.#end();
    this.#exchange?.abort();
  }

  onHead(status: number, headers: UpstreamHeaders): void {
    if (status >= 400 && this.#renews(status, headers)) {
      this.#exchange?.abort();
      this.#exchange = undefined;
      this.start();
      return;
    }
    this.#init.listener.onHead(status, headers);
  }

  onData(chunk: Buffer): void {
    this.#init.listener.onData(chunk);
  }

  onEnd(): void {
    this.#init.listener.onEnd();
  }

  onFault(fault: TransportFault): void {
    this.#init.listener.onFault(fault);
  }

  #send(credential: CredentialHeaders): void {
    if (this.#over) return;
    this.#timer?.cancel();
    this.#credential = credential;
    const { link, request } = this.#init;
    const headers = [...request.headers, ...Object.entries(credential).flat()];
    this.#exchange = link.client.post({ ...request, headers }, this);
    if (this.#paused) this.#exchange.pause();
  }

  #renews(status: number, headers: UpstreamHeaders): boolean {
    const { authorizer, link } = this.#init;
    if (this.#renewed || authorizer.renew === undefined) return false;
    this.#renewed = true;
    const header = (name: string): string | undefined => [headers[name] ?? []].flat()[0];
    return authorizer.renew({ credential: this.#credential, status, header, wallTime: link.runtime.wallTime() });
  }

  #noCredential(thrown: unknown): void {
    if (this.#over) return;
    this.#end();
    this.#init.onRefused(errorName(thrown));
  }

  #lateCredential(): void {
    if (this.#over) return;
    this.#end();
    this.#init.listener.onFault({ kind: 'connection', code: 'CREDENTIAL_TIMEOUT', sent: false, answering: false });
  }

  #end(): void {
    this.#over = true;
    this.#timer?.cancel();
  }
}

/** What is thrown counts as rejected. */
function ask(authorizer: Authorizer, request: AuthorizedRequest): CredentialHeaders | PromiseLike<CredentialHeaders> {
  try {
    return authorizer.authorize(request);
  } catch (thrown) {
    return Promise.reject(thrown);
  }
}

/** The class of an error and never its text, which may repeat a credential. */
function errorName(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null || !('name' in thrown)) return 'no_credential';
  return typeof thrown.name === 'string' && /^[A-Za-z]\w{0,63}$/.test(thrown.name) ? thrown.name : 'no_credential';
}
