import { type FinishedCall, prepareCall, sendCall } from './call.ts';
import { HttpConnection } from './http-connection.ts';
import type { LoadProtocol, LoadResult, RateResult } from './protocol.ts';
import { Tally } from './tally.ts';

/** What is not answered this long after the job should be over counts as failed. */
const graceMs = 20_000;

type Ask<Kind extends keyof LoadProtocol> = LoadProtocol[Kind]['ask'];

/** Runs `start` until it calls `done`, but never longer than allowed; closes the connections afterwards. */
async function bounded(
  { connections, limitMs, open }: { connections: HttpConnection[]; limitMs: number; open: () => number },
  tally: Tally,
  start: (done: () => void) => void,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      for (let left = open(); left > 0; left -= 1) tally.count('not answered in time');
      resolve();
    }, limitMs);
    start(() => {
      clearTimeout(timer);
      resolve();
    });
  });
  for (const connection of connections) connection.close();
}

function connectionsTo(port: number, count: number): HttpConnection[] {
  return Array.from({ length: count }, () => new HttpConnection(port));
}

export async function requests({ spec, connections: count, durationMs }: Ask<'requests'>): Promise<LoadResult> {
  const call = prepareCall(spec);
  const connections = connectionsTo(spec.port, count);
  const tally = new Tally();
  const endsAt = performance.now() + durationMs;
  let open = 0;
  await bounded({ connections, limitMs: durationMs + graceMs, open: () => open }, tally, (done) => {
    const next = (connection: HttpConnection): void => {
      if (performance.now() >= endsAt) {
        if (open === 0) done();
        return;
      }
      open += 1;
      sendCall(connection, call, {
        scrutiny: 'marker',
        hooks: {
          onFinished: ({ fault }) => {
            open -= 1;
            tally.count(fault);
            next(connection);
          },
        },
      });
    };
    connections.forEach(next);
  });
  return tally.result();
}

/** Starts are spread over this time, as chunks of unrelated streams arrive spread. */
const spreadMs = 40;

export async function streams({ spec, concurrent, each }: Ask<'streams'>): Promise<LoadResult> {
  const call = prepareCall(spec);
  const connections = connectionsTo(spec.port, concurrent);
  const tally = new Tally();
  const total = concurrent * each;
  const open = (): number => total - tally.completed - tally.failed;
  await bounded({ connections, limitMs: graceMs + each * 2_000, open }, tally, (done) => {
    const next = (connection: HttpConnection, left: number): void => {
      if (left === 0) {
        if (open() === 0) done();
        return;
      }
      sendCall(connection, call, {
        scrutiny: 'full',
        hooks: {
          onFinished: ({ fault }) => {
            tally.count(fault);
            next(connection, left - 1);
          },
        },
      });
    };
    connections.forEach((connection, index) => {
      setTimeout(next, (index * spreadMs) / concurrent, connection, each);
    });
  });
  return tally.result();
}

export async function rate({ spec, perSecond, durationMs }: Ask<'rate'>): Promise<RateResult> {
  const call = prepareCall(spec);
  const connections: HttpConnection[] = [];
  const idle: HttpConnection[] = [];
  const tally = new Tally();
  const latencies: number[] = [];
  const total = Math.round((perSecond * durationMs) / 1000);
  let sent = 0;
  const open = (): number => total - tally.completed - tally.failed;
  await bounded({ connections, limitMs: durationMs + graceMs, open }, tally, (done) => {
    const sendOne = (): void => {
      sent += 1;
      const connection = idle.pop() ?? new HttpConnection(spec.port);
      if (!connections.includes(connection)) connections.push(connection);
      const onFinished = ({ fault, firstOutputMs }: FinishedCall): void => {
        tally.count(fault);
        latencies.push(firstOutputMs);
        idle.push(connection);
        if (open() === 0) done();
      };
      sendCall(connection, call, { scrutiny: 'full', hooks: { onFinished } });
    };
    const ticker = setInterval(() => {
      const due = Math.min(total, Math.ceil((tally.elapsedMs * perSecond) / 1000));
      while (sent < due) sendOne();
      if (sent === total) clearInterval(ticker);
    }, 1);
  });
  latencies.sort((a, b) => a - b);
  return { ...tally.result(), p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** How many held streams are asked for at once: a burst of a thousand connections is not what is measured. */
const openingAtOnce = 50;

export class HeldStreams {
  #connections: HttpConnection[] = [];

  async hold({ spec, streams: count }: Ask<'hold'>): Promise<LoadResult> {
    const call = prepareCall(spec);
    const connections = connectionsTo(spec.port, count);
    this.#connections = connections;
    const tally = new Tally();
    const open = (): number => count - tally.completed - tally.failed;
    let next = 0;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      const openNext = (): void => {
        const connection = connections[next];
        next += 1;
        if (connection === undefined) return;
        const started = (fault: string | undefined): void => {
          tally.count(fault);
          if (open() > 0) {
            openNext();
            return;
          }
          clearTimeout(timer);
          resolve();
        };
        sendCall(connection, call, {
          scrutiny: 'full',
          hooks: {
            onFirstOutput: () => started(undefined),
            onFinished: ({ fault }) => started(fault ?? 'the stream ended while it was held'),
          },
        });
      };
      for (let index = 0; index < openingAtOnce; index += 1) openNext();
    });
    for (let left = open(); left > 0; left -= 1) tally.count('no first output in time');
    return tally.result();
  }

  release(): undefined {
    for (const connection of this.#connections) connection.close();
    this.#connections = [];
    return undefined;
  }
}
