import type { FaultSet } from './parse-faults.ts';

/** Header lines a gateway must not pass on, as Latin-1 text: what strict HTTP clients still read, and what they do not. */
export function badHeaderLines(faults: FaultSet): readonly string[] {
  switch (faults.inGroup('headers')) {
    case 'headers_bad':
      return readable;
    case 'headers_crlf':
      return ['x-demo-injected: one\rset-cookie: two=2'];
    default:
      return [];
  }
}

const readable: readonly string[] = [
  `x-demo-latin1: caf\u00e9`,
  // The UTF-8 bytes of U+1F600, as a server that knows no better writes them.
  'x-demo-utf8: \u00f0\u009f\u0098\u0080',
  'x-demo-tab: a\tb',
  'x-demo-empty:',
  'set-cookie: session=demo; Path=/; HttpOnly',
  'set-cookie: tracker=demo; Path=/',
  'access-control-allow-origin: *',
  'access-control-allow-credentials: true',
  'server: demo/1.0',
  'via: 1.1 demo',
  'x-powered-by: demo',
  'strict-transport-security: max-age=1',
  'alt-svc: h3=":443"',
  'x-demo-hop: internal',
  'proxy-authenticate: Basic realm="demo"',
  'etag: "stale"',
];
