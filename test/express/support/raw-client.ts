import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  /** Everything the server sent, as it came. */
  readonly bytes: Buffer;
  /** How the connection ended: by the server (properly or not), or not at all within the patience. */
  readonly ending: 'closed' | 'reset' | 'open';
}

/** Opens a connection of its own; never throws for what the server does to it. */
export function connectTo(url: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  socket.on('error', () => {});
  return socket;
}

/** Milliseconds after which a connection that is still open counts as left open: only a hang takes so long. */
const patience = 60_000;

/** Sends bytes as they are, and reads until the server closes the connection. */
export function rawRequest(url: string, bytes: string | Buffer): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connectTo(url);
    const chunks: Buffer[] = [];
    let ending: RawAnswer['ending'] = 'open';
    const timer = setTimeout(() => socket.destroy(), patience);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => {
      ending = 'closed';
    });
    socket.on('error', () => {
      ending = 'reset';
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({ bytes: Buffer.concat(chunks), ending });
    });
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  });
}

/** The text of a request with a JSON body and a fitting length. */
export function requestText(
  path: string,
  body: string | Buffer,
  {
    method = 'POST',
    headers = {},
  }: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Buffer {
  const bytes = Buffer.from(body);
  const lines = Object.entries({
    host: 'localhost',
    'content-type': 'application/json',
    'content-length': String(bytes.length),
    ...headers,
  });
  const head = [`${method} ${path} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), bytes]);
}

export interface ParsedResponse {
  readonly status: number;
  readonly statusLine: string;
  /** Lower-case names; several lines of one name are joined. */
  readonly headers: Readonly<Record<string, string>>;
  /** As sent: still chunked where it was. */
  readonly body: Buffer;
}

/** One response's parts. */
export function parseResponse(bytes: Buffer): ParsedResponse {
  const end = bytes.indexOf('\r\n\r\n');
  const head = bytes.subarray(0, end === -1 ? bytes.length : end).toString('latin1');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return {
    status: Number(statusLine.split(' ')[1] ?? 0),
    statusLine,
    headers,
    body: end === -1 ? Buffer.alloc(0) : bytes.subarray(end + 4),
  };
}

/** A chunked body's content; what was cut off in the middle is left out. */
export function dechunk(body: Buffer): { readonly content: Buffer; readonly complete: boolean } {
  const parts: Buffer[] = [];
  let offset = 0;
  for (;;) {
    const lineEnd = body.indexOf('\r\n', offset);
    if (lineEnd === -1) return { content: Buffer.concat(parts), complete: false };
    const size = Number.parseInt(body.subarray(offset, lineEnd).toString('latin1'), 16);
    if (size === 0) return { content: Buffer.concat(parts), complete: true };
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    offset = lineEnd + 2 + size + 2;
    if (offset > body.length) return { content: Buffer.concat(parts), complete: false };
  }
}
