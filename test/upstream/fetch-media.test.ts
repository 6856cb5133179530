import type { LookupAddress } from 'node:dns';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Cancellation } from '../../src/core/cancellation.ts';
import { systemRuntime } from '../../src/core/runtime.ts';
import { createMediaFetcher, type MediaFetcher } from '../../src/upstream/fetch-media.ts';
import { type MediaOptions, resolveMediaOptions } from '../../src/upstream/fetch-media-options.ts';
import { countingRuntime, until } from '../support/test-app.ts';

const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(100, 7)]);
const publicly: LookupAddress = { address: '93.184.215.14', family: 4 };

let server: Server | undefined;
let looked: string[] = [];
let connected: string[] = [];
let sockets = new Set<unknown>();

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
  looked = [];
  connected = [];
});

interface Internet {
  readonly options?: MediaOptions;
  /** What a name means, look-up by look-up. */
  readonly names?: Readonly<Record<string, readonly (readonly LookupAddress[])[]>>;
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
}

/** A fetcher for which the public internet is a server on this machine. */
async function internet({ options, names = {}, serve }: Internet): Promise<MediaFetcher> {
  const open = new Set<unknown>();
  sockets = open;
  server = createServer(serve).on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const limits = resolveMediaOptions({ fetch: 'on', ...options }, 'test');
  if (limits === undefined) throw new Error('off');
  return createMediaFetcher(limits, {
    runtime: systemRuntime,
    resolve: async (host) => {
      const times = looked.filter((other) => other === host).length;
      looked.push(host);
      return names[host]?.[times] ?? names[host]?.at(-1) ?? [publicly];
    },
    connect: (address, url) => {
      connected.push(address.address);
      return { address: { address: '127.0.0.1', family: 4 }, origin: `http://${url.hostname}:${port}` };
    },
  });
}

const fetching = (fetcher: MediaFetcher, url = 'http://images.example.com/a.png', cancellation = new Cancellation()) =>
  fetcher.load({ url, maxBytes: fetcher.maxBytes, cancellation });

describe('createMediaFetcher', () => {
  it('fetches a picture and tells its type from its bytes', async () => {
    let seen: IncomingMessage | undefined;
    const fetcher = await internet({
      serve: (request, response) => {
        seen = request;
        response.setHeader('content-type', 'text/html').end(png);
      },
    });
    expect(await fetching(fetcher, 'http://images.example.com/a.png?size=1')).toEqual({
      mediaType: 'image/png',
      bytes: png,
    });
    expect(seen?.url).toBe('/a.png?size=1');
    expect(seen?.headers.host).toBe('images.example.com');
    expect(Object.keys(seen?.headers ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ]);
    await until(() => sockets.size === 0);
  });

  it('AD-03 looks a name up once and connects to the address it saw, so that a name that changes its mind gains nothing', async () => {
    const fetcher = await internet({
      names: { 'rebind.example.com': [[publicly], [{ address: '127.0.0.1', family: 4 }]] },
      serve: (_request, response) => void response.end(png),
    });
    await fetching(fetcher, 'http://rebind.example.com/');
    expect(looked).toEqual(['rebind.example.com']);
    expect(connected).toEqual([publicly.address]);
    await expect(fetching(fetcher, 'http://rebind.example.com/')).rejects.toMatchObject({ code: 'invalid_request' });
    expect(connected).toHaveLength(1);
  });

  it.each([
    [[{ address: '10.0.0.7', family: 4 }]],
    [[publicly, { address: '169.254.169.254', family: 4 }]],
    [[{ address: '::1', family: 6 }]],
    [[{ address: '::ffff:10.0.0.1', family: 6 }, publicly]],
    [[]],
  ])('AD-03 connects to nobody when a name stands for %j', async (addresses) => {
    const fetcher = await internet({
      names: { 'a.example.com': [addresses] },
      serve: (_request, response) => void response.end(png),
    });
    await expect(fetching(fetcher, 'http://a.example.com/')).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'messages',
    });
    expect(connected).toEqual([]);
  });

  it('says the same of a host that is not public and of one that does not answer', async () => {
    const fetcher = await internet({
      names: { 'a.example.com': [[{ address: '10.0.0.7', family: 4 }]] },
      serve: (_request, response) => void response.destroy(),
    });
    const inside = await fetching(fetcher, 'http://a.example.com/').catch((error: Error) => error.message);
    const silent = await fetching(fetcher).catch((error: Error) => error.message);
    expect(inside).toBe(silent);
  });

  it.each([
    'http://127.0.0.1/',
    'http://169.254.169.254/latest/',
    'http://[::1]/',
    'http://metadata.google.internal/',
    'file:///etc/passwd',
    'http://u:p@example.com/',
    'http://example.com:6379/',
  ])('AD-03 does not follow a redirect to %s', async (location) => {
    const fetcher = await internet({ serve: (_request, response) => void response.writeHead(302, { location }).end() });
    await expect(fetching(fetcher)).rejects.toMatchObject({ code: 'invalid_request' });
    expect(connected).toHaveLength(1);
  });

  it('looks at the addresses of each redirect anew', async () => {
    const fetcher = await internet({
      names: { 'inside.example.com': [[{ address: '192.168.1.1', family: 4 }]] },
      serve: (_request, response) => void response.writeHead(307, { location: 'http://inside.example.com/' }).end(),
    });
    await expect(fetching(fetcher)).rejects.toMatchObject({ code: 'invalid_request' });
    expect(looked).toEqual(['images.example.com', 'inside.example.com']);
    expect(connected).toHaveLength(1);
  });

  it('follows three redirects and not a fourth', async () => {
    let left = 3;
    const fetcher = await internet({
      serve: (_request, response) => {
        left -= 1;
        if (left < 0) response.end(png);
        else response.writeHead(302, { location: `/again/${left}` }).end();
      },
    });
    expect((await fetching(fetcher)).mediaType).toBe('image/png');
    left = 4;
    await expect(fetching(fetcher)).rejects.toThrow('redirects too often');
  });

  it.each([
    ['an announced length', (response: ServerResponse) => void response.setHeader('content-length', 3_000).write(png)],
    ['its bytes', (response: ServerResponse) => void response.write(Buffer.alloc(3_000))],
  ])('stops at the size limit, told by %s', async (_what, answer) => {
    const fetcher = await internet({ options: { maxBytes: '2kb' }, serve: (_request, response) => answer(response) });
    await expect(fetching(fetcher)).rejects.toThrow('too large');
    await until(() => sockets.size === 0);
  });

  it('refuses what is compressed, and what is no picture', async () => {
    let body: Buffer = gzipSync(png);
    let encoding = 'gzip';
    const fetcher = await internet({
      serve: (_request, response) => void response.setHeader('content-encoding', encoding).end(body),
    });
    await expect(fetching(fetcher)).rejects.toThrow('compressed');
    body = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>');
    encoding = 'identity';
    await expect(fetching(fetcher)).rejects.toThrow('neither a PNG');
  });

  it('gives up after its time, also on a server that trickles', async () => {
    const fetcher = await internet({
      options: { timeout: '150ms' },
      serve: (_request, response) => {
        const timer = setInterval(() => response.write(png), 20);
        response.once('close', () => clearInterval(timer));
      },
    });
    await expect(fetching(fetcher)).rejects.toMatchObject({ code: 'invalid_request' });
    await until(() => sockets.size === 0);
  });

  it('stops when the call is cancelled, in a look-up as in a download, and leaves no timer', async () => {
    const runtime = countingRuntime();
    const limits = resolveMediaOptions({ fetch: 'on' }, 'test');
    if (limits === undefined) throw new Error('off');
    const cancellation = new Cancellation();
    const stuck = createMediaFetcher(limits, { runtime, resolve: () => new Promise(() => {}) });
    const looking = fetching(stuck, undefined, cancellation);
    cancellation.cancel('client_gone');
    await expect(looking).rejects.toMatchObject({ code: 'client_closed_request' });
    expect(runtime.pendingTimers()).toBe(0);

    const second = new Cancellation();
    let started = false;
    const fetcher = await internet({
      serve: (_request, response) => {
        started = true;
        response.write(png);
      },
    });
    const downloading = fetching(fetcher, undefined, second);
    const outcome = expect(downloading).rejects.toMatchObject({ code: 'shutting_down' });
    await until(() => started);
    second.cancel('shutting_down');
    await outcome;
    await until(() => sockets.size === 0);
  });
});

describe('resolveMediaOptions', () => {
  it('fetches nothing unless told to', () => {
    expect(resolveMediaOptions(undefined, 'media')).toBeUndefined();
    expect(resolveMediaOptions({ allowHosts: ['a.example.com'] }, 'media')).toBeUndefined();
  });

  it('has limits of its own', () => {
    expect(resolveMediaOptions({ fetch: 'on' }, 'media')).toEqual({
      allowHosts: undefined,
      maxBytes: 20 * 1024 * 1024,
      timeout: 10_000,
    });
  });

  it('names a host it cannot read', () => {
    expect(() => resolveMediaOptions({ allowHosts: ['https://a.example.com/'] }, 'media')).toThrow('allowHosts.0');
  });
});
