import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

/** A real server of its own, on 127.0.0.1. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** It keeps its connections and answers nothing. */
  freeze(): void;
  thaw(): void;
  /** As if its machine had lost power; the port stays the same. */
  kill(): Promise<void>;
  /** After `kill`: the same server again, with what it had kept. */
  start(): Promise<void>;
  /** The same port, and nothing of what was there. */
  restartEmpty(): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

const redisBinary = firstOf(['/usr/bin/redis-server', '/usr/local/bin/redis-server']);
const postgresFolder = ['/usr/lib/postgresql/15/bin', '/usr/lib/postgresql/16/bin', '/usr/lib/postgresql/17/bin']
  .concat('/usr/local/bin', '/usr/bin')
  .find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));

/** Whether the server's program is on this machine. */
export const installed = { Redis: redisBinary !== undefined, PostgreSQL: postgresFolder !== undefined } as const;

export interface RedisSettings {
  /** Whether it writes down what it holds, as for keys. @default false */
  readonly keeps?: boolean;
}

export async function startRedis({ keeps = false }: RedisSettings = {}): Promise<TestServer> {
  if (redisBinary === undefined) throw new Error('redis-server is not installed.');
  const folder = mkdtempSync(join(tmpdir(), 'redis-'));
  const port = await freePort();
  const kept = ['--save', '', '--appendonly', keeps ? 'yes' : 'no', '--appendfsync', 'always'];
  const options = ['--port', String(port), '--bind', '127.0.0.1', ...kept, '--dir', folder];
  const server = await runServer({
    url: `redis://127.0.0.1:${port}`,
    port,
    command: redisBinary,
    options,
    folder,
    isReady: () => redisAnswers(port),
  });
  return {
    ...server,
    async restartEmpty() {
      await server.kill();
      rmSync(join(folder, 'appendonlydir'), { recursive: true, force: true });
      await server.start();
    },
  };
}

export async function startPostgres(): Promise<TestServer> {
  if (postgresFolder === undefined) throw new Error('PostgreSQL is not installed.');
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const owner = serverUser();
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  const bin = postgresFolder;
  const initialize = () =>
    promisify(execFile)(
      join(bin, 'initdb'),
      ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
      { ...owner, cwd: folder },
    );
  await initialize();
  const port = await freePort();
  const settings = ['fsync=off', 'full_page_writes=off', 'shared_buffers=32MB', 'max_connections=60'];
  const options = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder].concat(
    settings.flatMap((setting) => ['-c', setting]),
  );
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const server = await runServer({
    url,
    isReady: () => postgresAnswers(url),
    port,
    command: join(bin, 'postgres'),
    options,
    folder,
    owner,
  });
  return {
    ...server,
    async restartEmpty() {
      await server.kill();
      rmSync(data, { recursive: true, force: true });
      await initialize();
      await server.start();
    },
  };
}

interface ServerProgram {
  readonly url: string;
  readonly port: number;
  readonly command: string;
  readonly options: readonly string[];
  readonly folder: string;
  readonly isReady: () => Promise<boolean>;
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

async function runServer(program: ServerProgram): Promise<Omit<TestServer, 'restartEmpty'>> {
  const { url, port, command, options, folder, owner, isReady } = program;
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    // A group of its own, so that what ends the tests does not end it before they have.
    child = spawn(command, options, { ...owner, cwd: folder, stdio: 'ignore', detached: true });
    await ready(isReady, child);
  };
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    // The server first, so that it makes no more processes.
    for (const pid of [child.pid, ...childrenOf(child.pid)]) {
      try {
        process.kill(pid, name);
      } catch {
        // It has just gone.
      }
    }
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    signal('SIGKILL');
    await gone;
    rmSync(join(folder, 'data', 'postmaster.pid'), { force: true });
  };
  await start();
  return {
    url,
    port,
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    kill,
    start,
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * PostgreSQL has a process for each connection, each in a group of its own; they must freeze and die with it.
 */
function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) return [];
    try {
      // The name, in parentheses, may hold anything: what follows is the state and the parent.
      const [, , fields = ''] = /^(.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
      return Number(fields.split(' ')[1]) === parent ? [pid] : [];
    } catch {
      return [];
    }
  });
}

/** PostgreSQL refuses to run as root. */
function serverUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const entry = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  return entry === null ? undefined : { uid: Number(entry[1]), gid: Number(entry[2]) };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function ready(isReady: () => Promise<boolean>, child: ChildProcess): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error(`The server ended with code ${child.exitCode}.`);
    if (performance.now() > end) throw new Error('The server did not come up.');
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

function redisAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const done = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.setTimeout(500, () => done(false));
    socket.once('error', () => done(false));
    socket.once('data', (bytes) => done(bytes.toString('latin1').startsWith('+PONG')));
  });
}

/** It takes connections before it can serve them. */
async function postgresAnswers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

function firstOf(paths: readonly string[]): string | undefined {
  return paths.find((path) => existsSync(path));
}
