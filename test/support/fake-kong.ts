import { createRequire } from 'node:module';
import { createConnection, type Socket } from 'node:net';
import type { KongPlugin } from '../../src/kong/index.ts';

interface MessagePack {
  encode(value: unknown): Uint8Array;
  decodeMultiStream(stream: AsyncIterable<Uint8Array>): AsyncIterable<unknown>;
}

/** The codec of Kong's own plugin server: independent of ours. */
const codec: MessagePack = createRequire(createRequire(import.meta.url).resolve('kong-pdk/package.json'))(
  '@msgpack/msgpack',
);

export interface KongRequest {
  readonly plugin: string;
  /** As the operator wrote it; Kong's additions come on top. */
  readonly config?: object;
  /** Id of the configured plugin. @default 'plugin-1' */
  readonly pluginId?: string;
  readonly method?: string;
  readonly path?: string;
  /** Name, value, name, value, ... as a client sent them. */
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
  readonly requestId?: string;
  readonly phase?: string;
}

/** What became of a request in Kong. */
export interface KongOutcome {
  /** `answered` by the plugin, or `proxied` to the service. */
  readonly kind: 'answered' | 'proxied';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The request's headers as the service would get them. */
  readonly upstreamHeaders: Readonly<Record<string, readonly string[]>>;
  readonly upstreamQuery: string;
  readonly target: readonly [host: string, port: number] | undefined;
  readonly shared: Readonly<Record<string, unknown>>;
  /** Method names in the order of the calls. */
  readonly calls: readonly string[];
  /** Errors Kong would log. With one of them and no answer it lets the request through. */
  readonly errors: readonly string[];
}

interface Connection {
  readonly socket: Socket;
  readonly messages: AsyncIterator<unknown>;
}

class RpcError extends Error {}

/**
 * One worker of Kong, as far as plugin servers see it: it pools connections, starts instances when they are first needed,
 * starts them again when the server does not know them, makes the calls a plugin asks for, and lets a request through
 * when anything else goes wrong. https://github.com/Kong/kong/blob/master/kong/runloop/plugin_servers/rpc/mp_rpc.lua
 */
export class FakeKong {
  readonly #path: string;
  readonly #idle: Connection[] = [];
  readonly #instances = new Map<string, number>();
  #messageId = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Runs one phase of one plugin for one request. */
  async handle(request: KongRequest): Promise<KongOutcome> {
    const exchange = new Exchange(request);
    try {
      await this.#runPhase(request, exchange, 3);
    } catch (thrown) {
      exchange.errors.push(thrown instanceof Error ? thrown.message : String(thrown));
    }
    return exchange.outcome();
  }

  /** One message of the protocol. @throws RpcError with what the server answered */
  async rpc(method: string, argument: unknown): Promise<Record<string, unknown>> {
    const connection = this.#idle.pop() ?? (await connect(this.#path));
    this.#messageId += 1;
    const messageId = this.#messageId;
    connection.socket.write(codec.encode([0, messageId, method, [argument]]));
    const { done, value } = await connection.messages.next();
    if (done) throw new RpcError('no data');
    const [type, id, error, result]: unknown[] = Array.isArray(value) ? value : [];
    if (type !== 1 || id !== messageId) throw new RpcError('unexpected RPC response');
    this.#idle.push(connection);
    if (error !== null && error !== undefined) throw new RpcError(String(error));
    return Object(result);
  }

  close(): void {
    for (const { socket } of this.#idle.splice(0)) socket.destroy();
  }

  async #runPhase(request: KongRequest, exchange: Exchange, tries: number): Promise<void> {
    const key = request.pluginId ?? 'plugin-1';
    try {
      const instance = this.#instances.get(key) ?? (await this.#startInstance(key, request));
      let step = await this.rpc('plugin.HandleEvent', { InstanceId: instance, EventName: request.phase ?? 'access' });
      while (step.Data !== 'ret') {
        const { Method, Args } = Object(step.Data);
        const result = exchange.call(String(Method), Array.isArray(Args) ? Args : []);
        if (exchange.answered) return;
        const variant = String(Method).endsWith('get_headers') ? 'plugin.StepMultiMap' : 'plugin.Step';
        step = await this.rpc(variant, { EventId: step.EventId, Data: result });
      }
    } catch (thrown) {
      if (!(thrown instanceof RpcError) || !thrown.message.includes('no plugin instance') || tries === 0) throw thrown;
      this.#instances.delete(key);
      await this.#runPhase(request, exchange, tries - 1);
    }
  }

  async #startInstance(key: string, request: KongRequest): Promise<number> {
    const config = { ...request.config, __plugin_id: key, __key__: `plugins:${key}`, __seq__: 7, route_id: 'r' };
    const status = await this.rpc('plugin.StartInstance', { Name: request.plugin, Config: JSON.stringify(config) });
    this.#instances.set(key, Number(status.Id));
    return Number(status.Id);
  }
}

function connect(path: string): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('error', (error) => reject(new RpcError(error.message)));
    socket.once('connect', () => {
      socket.on('error', () => {});
      resolve({ socket, messages: codec.decodeMultiStream(readQuietly(socket))[Symbol.asyncIterator]() });
    });
  });
}

/** A connection that breaks reads as one that ends: Kong says "no data" to both. */
async function* readQuietly(socket: Socket): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of socket) yield chunk;
  } catch {
    return;
  }
}

/** One request inside Kong, and the plugin development kit's view of it. */
class Exchange {
  readonly errors: string[] = [];
  answered: { status: number; headers: Record<string, string>; body: string } | undefined;
  readonly #request: KongRequest;
  readonly #calls: string[] = [];
  readonly #headers: Record<string, string[]> = {};
  readonly #shared: Record<string, unknown> = {};
  #query: string;
  #target: readonly [string, number] | undefined;

  constructor(request: KongRequest) {
    this.#request = request;
    this.#query = (request.path ?? '/').split('?').slice(1).join('?');
    const sent = request.headers ?? [];
    for (let index = 0; index < sent.length; index += 2) {
      const name = (sent[index] ?? '').toLowerCase();
      this.#headers[name] = [...(this.#headers[name] ?? []), sent[index + 1] ?? ''];
    }
  }

  call(method: string, args: readonly unknown[]): unknown {
    this.#calls.push(method);
    const [first, second, third] = args;
    switch (method) {
      case 'kong.request.get_headers':
        return Object.fromEntries(Object.entries(this.#headers).slice(0, Number(first ?? 100)));
      case 'kong.request.get_path_with_query':
        return this.#request.path ?? '/';
      case 'kong.request.get_method':
        return this.#request.method ?? 'POST';
      case 'kong.request.get_raw_body':
        return Buffer.from(this.#request.body ?? '');
      case 'kong.client.get_forwarded_ip':
        return '192.0.2.7';
      case 'kong.nginx.get_var':
        return first === 'kong_request_id'
          ? (this.#request.requestId ?? 'a1b2c3d4e5f60718293a4b5c6d7e8f90')
          : undefined;
      case 'kong.ctx.shared.set':
        this.#shared[String(first)] = second;
        return undefined;
      case 'kong.service.request.set_headers':
        for (const [name, value] of Object.entries(Object(first))) this.#headers[name] = [String(value)];
        return undefined;
      case 'kong.service.request.clear_header':
        delete this.#headers[String(first)];
        return undefined;
      case 'kong.service.request.set_raw_query':
        this.#query = String(first);
        return undefined;
      case 'kong.service.set_target':
        this.#target = [String(first), Number(second)];
        return undefined;
      case 'kong.response.exit':
        this.answered = { status: Number(first), body: textOf(second), headers: Object(third) };
        return undefined;
      default:
        throw new Error(`could not find pdk method: ${method}`);
    }
  }

  outcome(): KongOutcome {
    return {
      kind: this.answered === undefined ? 'proxied' : 'answered',
      ...(this.answered ?? { status: 200, headers: {}, body: '' }),
      upstreamHeaders: this.#headers,
      upstreamQuery: this.#query,
      target: this.#target,
      shared: this.#shared,
      calls: this.#calls,
      errors: this.errors,
    };
  }
}

function textOf(body: unknown): string {
  return body instanceof Uint8Array ? Buffer.from(body).toString() : String(body);
}

type Definition = KongPlugin['Schema'][number][string];

/** What Kong says of a configuration that does not fit a plugin's schema: the checks of its schema library used here. */
export function schemaErrors(
  schema: KongPlugin['Schema'],
  config: Readonly<Record<string, unknown>>,
  at = '',
): string[] {
  const known = Object.fromEntries(schema.flatMap((field) => Object.entries(field)));
  const unknown = Object.keys(config)
    .filter((name) => known[name] === undefined)
    .map((name) => `${at}${name}: unknown field`);
  const wrong = Object.entries(known).flatMap(([name, definition]) => {
    const value = config[name] ?? definition.default;
    if (value === undefined) return definition.required === true ? [`${at}${name}: required field missing`] : [];
    return fieldErrors(definition, value, `${at}${name}`);
  });
  return [...unknown, ...wrong];
}

function fieldErrors(definition: Definition, value: unknown, at: string): string[] {
  switch (definition.type) {
    case 'string':
      return stringErrors(definition, value, at);
    case 'integer': {
      const [low, high] = definition.between ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
      if (!Number.isInteger(value)) return [`${at}: expected an integer`];
      return Number(value) < low || Number(value) > high ? [`${at}: value should be between ${low} and ${high}`] : [];
    }
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${at}: expected a boolean`];
    case 'array': {
      const { elements, len_min: shortest = 0 } = definition;
      if (!Array.isArray(value)) return [`${at}: expected an array`];
      if (value.length < shortest) return [`${at}: length must be at least ${shortest}`];
      return value.flatMap((item, index) =>
        elements === undefined ? [] : fieldErrors(elements, item, `${at}.${index}`),
      );
    }
    case 'record':
      if (typeof value !== 'object' || value === null) return [`${at}: expected a record`];
      return schemaErrors(definition.fields ?? [], { ...value }, `${at}.`);
  }
}

function stringErrors(definition: Definition, value: unknown, at: string): string[] {
  if (typeof value !== 'string') return [`${at}: expected a string`];
  if (definition.referenceable === true && /^\{vault:\/\/.+\}$/.test(value)) return [];
  const { len_min: shortest = 1, len_max: longest = Number.POSITIVE_INFINITY, match } = definition;
  if (value.length < shortest) return [`${at}: length must be at least ${shortest}`];
  if (value.length > longest) return [`${at}: length must be at most ${longest}`];
  // `%x` is the one class of Lua patterns used; inside and outside brackets it means a hexadecimal digit.
  const pattern = match?.replaceAll('[%x', '[0-9a-fA-F').replaceAll('%x', '[0-9a-fA-F]');
  return pattern === undefined || new RegExp(pattern).test(value) ? [] : [`${at}: invalid value`];
}
