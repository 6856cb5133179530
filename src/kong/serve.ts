import { type Runtime, systemRuntime } from '../core/runtime.ts';
import { faultReply } from './gate.ts';
import { kongPlugins } from './kong-plugins.ts';
import { operatorLog } from './operator-log.ts';
import { PluginServer } from './plugin-server.ts';
import { listen } from './socket-server.ts';

export interface ServeOptions {
  /** Path of the unix socket Kong connects to. */
  readonly socket: string;
  /** Longest time for one phase, in milliseconds. */
  readonly deadline: number;
}

export interface RunningServer {
  readonly server: PluginServer;
  /** Resolves when every phase that is running now has ended. */
  drain(): Promise<void>;
}

/**
 * Serves all plugins on a unix socket, for as long as the process lives: the socket is not closed, because by then it may
 * be the one of the process that takes over.
 *
 * @throws the error of the socket, for a path that cannot be used
 */
export async function serve(
  { socket, deadline }: ServeOptions,
  runtime: Runtime = systemRuntime,
): Promise<RunningServer> {
  const log = operatorLog(runtime);
  const { status, body, headers } = faultReply('openai-chat');
  const server = new PluginServer({
    plugins: kongPlugins,
    runtime,
    log,
    deadline,
    faultAnswer: [status, body, headers],
  });
  await listen({ path: socket, server, log });
  log.line('info', 'serving', { socket, plugins: kongPlugins.map((plugin) => plugin.Name).join(', ') });
  return { server, drain: () => server.idle() };
}
