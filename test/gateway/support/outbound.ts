import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const channel = 'net.client.socket';

export interface OutboundWatch {
  /** `address:port` of every connection this process has tried to make, and every name it has looked up. */
  readonly targets: ReadonlySet<string>;
  stop(): void;
}

/** Watches which connections the process opens, whoever opens them. */
export function watchOutbound(): OutboundWatch {
  const targets = new Set<string>();
  const listener = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    socket.on('connectionAttempt', (ip: string, port: number) => targets.add(`${ip}:${port}`));
    socket.on('lookup', (_error, _address, _family, host: string) => targets.add(host));
  };
  subscribe(channel, listener);
  return { targets, stop: () => void unsubscribe(channel, listener) };
}
