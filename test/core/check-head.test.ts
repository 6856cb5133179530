import { describe, expect, it } from '@jest/globals';
import { checkHead } from '../../src/core/check-head.ts';

function head(rawHeaders: readonly string[], headers: Record<string, string | string[]> = {}) {
  return { method: 'POST', path: '/', headers, rawHeaders };
}

describe('checkHead', () => {
  it.each([
    ['one Host', head(['Host', 'a', 'Content-Type', 'x'])],
    ['no Host', head([])],
    ['a header value that looks like one', head(['Host', 'a', 'X', 'Host'])],
    ['chunked', head(['Host', 'a'], { 'transfer-encoding': 'chunked' })],
    ['Chunked in another case and with spaces', head(['Host', 'a'], { 'transfer-encoding': ' Chunked ' })],
  ])('takes %s', (_what, request) => {
    expect(checkHead(request)).toBeUndefined();
  });

  it.each([
    ['two Hosts', head(['Host', 'a', 'Host', 'b'])],
    ['two equal Hosts, in different cases', head(['host', 'a', 'HOST', 'a'])],
    ['an unknown transfer coding', head(['Host', 'a'], { 'transfer-encoding': 'xchunked' })],
    ['several transfer codings', head(['Host', 'a'], { 'transfer-encoding': 'gzip, chunked' })],
    ['a transfer coding that says nothing', head(['Host', 'a'], { 'transfer-encoding': 'identity' })],
  ])('HC-17: refuses %s and closes the connection', (_what, request) => {
    expect(checkHead(request)).toMatchObject({
      code: 'invalid_headers',
      status: 400,
      headers: { connection: 'close' },
    });
  });
});
