import { isIP } from 'node:net';
import type { RequestHead } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import { asArray, asObject } from '../core/json.ts';
import { defaultBodyLimit, type RequestBody } from '../core/request-body.ts';
import { parseRequestBody } from '../wire/parse-request-body.ts';
import type { Kong } from './kong-pdk.ts';

/** What a plugin needs of a request beyond headers and path: each is one more round trip to Kong. */
export interface RequestNeeds {
  readonly method?: boolean;
  readonly peer?: boolean;
}

/** Kong's own limit; without it only the first 100 are given, and a second credential could hide behind them. */
const maxHeaders = 1_000;

/** The head of Kong's request. What is not asked for stays empty. */
export async function readHead(kong: Kong, needs: RequestNeeds): Promise<RequestHead> {
  const sent = asObject(await kong.request.getHeaders(maxHeaders)) ?? {};
  const path = text(await kong.request.getPathWithQuery()) ?? '/';
  const method = needs.method === true ? text(await kong.request.getMethod()) : undefined;
  const peer = needs.peer === true ? text(await kong.client.getForwardedIp()) : undefined;
  return {
    method: method ?? '',
    path,
    ...headersOf(sent),
    ...(peer !== undefined && isIP(peer) !== 0 && { peer }),
  };
}

function headersOf(sent: Readonly<Record<string, unknown>>): Pick<RequestHead, 'headers' | 'rawHeaders'> {
  const headers: Record<string, string | readonly string[]> = Object.create(null);
  const rawHeaders: string[] = [];
  for (const [name, given] of Object.entries(sent)) {
    // A header without a value arrives as an empty list.
    const values = typeof given === 'string' ? [given] : asArray(given).map(String);
    headers[name.toLowerCase()] = values.length === 1 ? (values[0] ?? '') : values;
    for (const value of values) rawHeaders.push(name, value);
  }
  return { headers, rawHeaders };
}

/** Reads the whole body, also one that nginx has written to disk: a check that skips large bodies is none. */
export async function readBody(kong: Kong, head: RequestHead): Promise<RequestBody> {
  const encoding = head.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new GatewayError('unsupported_media_type', {
      message: 'The request body must not be compressed on this route.',
    });
  }
  const sent = await kong.request.getRawBody(0);
  const bytes = Buffer.isBuffer(sent) ? sent : Buffer.from(text(sent) ?? '');
  if (bytes.length > defaultBodyLimit) {
    throw new GatewayError('request_too_large', {
      message: `The request body is larger than ${defaultBodyLimit} bytes.`,
    });
  }
  return parseRequestBody(bytes);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
