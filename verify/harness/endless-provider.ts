import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EndlessProvider {
  /** Scheme, host and port. */
  readonly url: string;
  /** Bytes handed to the operating system so far. */
  readonly bytesSent: number;
  /** Streams under way. */
  readonly open: number;
  close(): Promise<void>;
}

const text = 'x'.repeat(2_000);

/** One content chunk each, and what must come before the first. */
const streams = {
  '/v1/messages': {
    opening:
      'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\n' +
      'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
    chunk: `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${text}"}}\n\n`,
  },
  '/v1/chat/completions': {
    opening: '',
    chunk: `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"${text}"},"finish_reason":null}]}\n\n`,
  },
};

/** A provider whose answers never end, in OpenAI's and in Anthropic's dialect. It writes as fast as it is read. */
export async function startEndlessProvider(): Promise<EndlessProvider> {
  let bytesSent = 0;
  let open = 0;
  const server = createServer((request, response) => {
    const stream = request.url === '/v1/messages' ? streams['/v1/messages'] : streams['/v1/chat/completions'];
    open += 1;
    response.once('close', () => {
      open -= 1;
    });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(stream.opening);
    const chunk = Buffer.from(stream.chunk);
    const fill = (): void => {
      while (!response.destroyed) {
        bytesSent += chunk.length;
        if (!response.write(chunk)) return;
      }
    };
    response.on('drain', fill);
    request.resume().once('end', fill);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get bytesSent() {
      return bytesSent;
    },
    get open() {
      return open;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
