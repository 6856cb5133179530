import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { providerOrigin, serve } from '../process/serve.ts';

/**
 * The least a proxy in Node can do: node:http in front, undici's `dispatch` behind, the bytes of the answer written
 * straight into the response. What everything else costs is expressed as a multiple of this.
 */
const pool = new Pool(providerOrigin(), { connections: null, pipelining: 1 });

serve(
  createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => forward(request, response, parts));
  }),
);

function forward(request: IncomingMessage, response: ServerResponse, parts: readonly Buffer[]): void {
  const [first] = parts;
  const call = {
    path: request.url ?? '/',
    method: 'POST' as const,
    headers: { 'content-type': 'application/json', authorization: request.headers.authorization ?? '' },
    body: parts.length === 1 && first !== undefined ? first : Buffer.concat(parts),
  };
  pool.dispatch(call, {
    onRequestStart(controller) {
      response.once('close', () => {
        if (!response.writableFinished) controller.abort(new Error('The caller went.'));
      });
    },
    onResponseStart(_controller, status, headers) {
      const kept: OutgoingHttpHeaders = {};
      if (headers['content-type'] !== undefined) kept['content-type'] = String(headers['content-type']);
      if (headers['content-length'] !== undefined) kept['content-length'] = String(headers['content-length']);
      response.writeHead(status, kept);
    },
    onResponseData(controller, part) {
      if (response.write(part)) return;
      controller.pause();
      response.once('drain', () => controller.resume());
    },
    onResponseEnd() {
      response.end();
    },
    onResponseError() {
      response.destroy();
    },
  });
}
