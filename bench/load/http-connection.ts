import { connect, type Socket } from 'node:net';
import { ResponseReader } from './response-reader.ts';

/** Told of one answer as it arrives. */
export interface AnswerListener {
  /** The head is there. */
  onStatus(status: number): void;
  onBody(bytes: Buffer): void;
  /** The answer is complete. */
  onEnd(): void;
  /** The connection broke before it was. */
  onFault(message: string): void;
}

/** One kept-alive connection that carries one call at a time; made anew when the server has closed it. */
export class HttpConnection {
  readonly #port: number;
  #socket: Socket | undefined;
  #reader: ResponseReader | undefined;
  #listener: AnswerListener | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  send(request: Buffer, listener: AnswerListener): void {
    this.#listener = listener;
    this.#socket ??= this.#open();
    this.#reader = new ResponseReader({
      onStatus: (status) => listener.onStatus(status),
      onBody: (bytes) => listener.onBody(bytes),
      onEnd: (reusable) => {
        this.#listener = undefined;
        if (!reusable) this.close();
        listener.onEnd();
      },
    });
    this.#socket.write(request);
  }

  /** Whatever is under way is dropped without a word. */
  close(): void {
    this.#listener = undefined;
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    socket.on('data', (bytes) => this.#reader?.push(bytes));
    const lost = (message: string): void => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      socket.destroy();
      const listener = this.#listener;
      this.#listener = undefined;
      if (this.#reader?.closed() === true) listener?.onEnd();
      else listener?.onFault(message);
    };
    socket.on('error', (error) => lost(error.message));
    socket.on('close', () => lost('the connection was closed'));
    return socket;
  }
}
