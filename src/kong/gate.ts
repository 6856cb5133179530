import { Call } from '../core/call.ts';
import type { Capability } from '../core/capability.ts';
import { checkHead } from '../core/check-head.ts';
import type { DialectName } from '../core/dialect-name.ts';
import { GatewayError } from '../core/errors.ts';
import { header } from '../core/header-names.ts';
import { inboundOf } from '../core/inbound.ts';
import { errorReply, type Reply } from '../core/reply.ts';
import { usableRequestId } from '../core/request-id.ts';
import { rejection, runCapability } from '../core/run.ts';
import type { Runtime } from '../core/runtime.ts';
import type { Kong } from './kong-pdk.ts';
import { type RequestNeeds, readBody, readHead } from './read-request.ts';

/** Takes one request of Kong's through a capability: lets it pass, or answers it. */
export type Gate = (kong: Kong) => Promise<void>;

/** What letting a request pass changes on it. */
export interface Passage {
  /** What the plugins after this one can read in `kong.ctx.shared`, under the plugin's name. */
  readonly shared: Readonly<Record<string, string | readonly string[]>>;
  readonly setHeaders: Readonly<Record<string, string>>;
  readonly clearHeaders: readonly string[];
  readonly rawQuery?: string;
}

/** Where the request goes once it has passed, instead of to its service's own address. */
export interface GateTarget {
  readonly host: string;
  readonly port: number;
}

export interface GateInit {
  readonly name: string;
  readonly capability: Capability;
  /** Hears how refused calls ended, before the capability: its place for the faults that are ours. */
  readonly witness: Capability;
  readonly needs: RequestNeeds;
  readonly passage: (call: Call) => Passage;
  readonly target: GateTarget | undefined;
  readonly runtime: Runtime;
}

export function createGate(init: GateInit): Gate {
  return async (kong) => {
    const call = await readCall(kong, init);
    const reply = await decide(call, init);
    if (reply === undefined) {
      await letPass(kong, call, init);
      return;
    }
    call.close(true);
    await answer(kong, reply, call);
  };
}

/** A gate that refuses everything: what stands in front of a route whose plugin cannot work. */
export function closedGate(): Gate {
  return async (kong) => {
    await exitWith(kong, faultReply('openai-chat'));
  };
}

/** What a request is answered with when a plugin is broken; in the dialect most clients read. */
export function faultReply(dialect: DialectName) {
  return errorReply(new GatewayError('internal_error'), dialect);
}

async function readCall(kong: Kong, { needs, runtime }: GateInit): Promise<Call> {
  const head = await readHead(kong, needs);
  // Kong's own id stands in its logs and headers as well.
  const id =
    usableRequestId(head.headers[header.requestId]) ?? usableRequestId(await kong.nginx.getVar('kong_request_id'));
  return new Call({
    ...inboundOf(head.path),
    head,
    runtime,
    readBody: () => readBody(kong, head),
    ...(id !== undefined && { id }),
  });
}

async function decide(call: Call, { capability, witness }: GateInit): Promise<Reply | undefined> {
  const refused = checkHead(call.head);
  await runCapability(call, witness);
  return refused === undefined ? runCapability(call, capability) : rejection(call, refused);
}

async function letPass(kong: Kong, call: Call, { name, passage, target }: GateInit): Promise<void> {
  const { shared, setHeaders, clearHeaders, rawQuery } = passage(call);
  await kong.ctx.shared.set(name, shared);
  for (const cleared of clearHeaders) await kong.service.request.clearHeader(cleared);
  if (Object.keys(setHeaders).length > 0) await kong.service.request.setHeaders(setHeaders);
  if (rawQuery !== undefined) await kong.service.request.setRawQuery(rawQuery);
  // Last: until here the request had nowhere to go.
  if (target !== undefined) await kong.service.setTarget(target.host, target.port);
}

async function answer(kong: Kong, reply: Reply, call: Call): Promise<void> {
  await exitWith(kong, reply.kind === 'whole' ? reply : faultReply(call.dialect), call.id);
}

async function exitWith(
  kong: Kong,
  { status, headers, body }: ReturnType<typeof faultReply>,
  id?: string,
): Promise<void> {
  const sent: Record<string, string> = id === undefined ? {} : { [header.requestId]: id };
  for (const [name, value] of Object.entries(headers)) sent[name] = String(value);
  await kong.response.exit(status, body, sent);
}
