import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { GatewayError } from '../core/errors.ts';
import { errorReply, type WholeReply } from '../core/reply.ts';

/**
 * Answers what never becomes a request (a malformed head, a client too slow) with an error body and closes the
 * connection. Node by itself sends a bare status line.
 *
 * https://nodejs.org/api/http.html#event-clienterror
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET' || hasBegunToAnswer(socket)) {
    socket.destroy();
    return;
  }
  socket.end(responseText(closing(refusalOf(error.code))), () => socket.destroy());
}

/** Answers `Expect` with anything but `100-continue`. https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1 */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const refusal = { status: 417, message: 'The only expectation met here is `100-continue`.' };
  const reply = closing(new GatewayError('invalid_headers', refusal));
  response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) });
  response.end(reply.body);
}

/** An error in the middle of an answer would be read as part of it. Node keeps the response under way here. */
function hasBegunToAnswer(socket: Duplex): boolean {
  const response: unknown = Reflect.get(socket, '_httpMessage');
  return response instanceof ServerResponse && response.headersSent;
}

function refusalOf(code: string | undefined): GatewayError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new GatewayError('invalid_request', { status: 408, message: 'The request did not arrive in time.' });
    case 'HPE_HEADER_OVERFLOW':
      return new GatewayError('invalid_headers', { status: 431, message: 'The request headers are too large.' });
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new GatewayError('request_too_large');
    default:
      return new GatewayError('invalid_headers', { message: 'The request is not valid HTTP.' });
  }
}

/** Nothing is known of the path, and so nothing of the dialect. */
function closing(error: GatewayError): WholeReply {
  const reply = errorReply(error, 'openai-chat');
  return { ...reply, headers: { ...reply.headers, connection: 'close' } };
}

function responseText({ status, headers, body }: WholeReply): string {
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body) });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...lines.map(([name, value]) => `${name}: ${value}`),
    '',
    String(body),
  ].join('\r\n');
}
