import { asObject, asString, type JsonObject } from '../core/json.ts';
import type { Runtime } from '../core/runtime.ts';
import { exitMethod, kongPdk } from './kong-pdk.ts';
import { type KongPlugin, type Phase, type PluginInstance, phases } from './kong-plugin.ts';
import type { OperatorLog } from './operator-log.ts';
import { type PhaseAnswer, PhaseRun } from './phase-run.ts';

export interface PluginServerInit {
  readonly plugins: readonly KongPlugin[];
  readonly runtime: Runtime;
  readonly log: OperatorLog;
  /** Longest time for one phase, in milliseconds. Below 60 s, at which Kong gives up and lets the request through. */
  readonly deadline: number;
  /** What a request is answered with when a phase fails: arguments of `kong.response.exit`. */
  readonly faultAnswer: readonly unknown[];
}

interface Started {
  readonly name: string;
  readonly plugin: PluginInstance;
  usedAt: number;
}

interface RunningPhase {
  readonly run: PhaseRun;
  readonly phase: Phase;
}

/** Kong closes an instance when its configuration changes, but not when one of its workers ends. */
const maxIdleMilliseconds = 60 * 60_000;
const firstIds = 2 ** 31;

/**
 * Kong's side of the plugins: starts instances and runs their phases, as Kong asks for over the plugin-server protocol.
 *
 * Whatever fails in front of a response fails closed: a phase that throws, or outlasts its deadline, or that this process
 * does not know because it was restarted, ends the request with `faultAnswer`. Ids begin at a random number in each
 * process, so that Kong's ids of an earlier process mean nothing here instead of something else.
 */
export class PluginServer {
  readonly #init: PluginServerInit;
  readonly #instances = new Map<number, Started>();
  readonly #running = new Map<number, RunningPhase>();
  #nextId: number;
  #idle: (() => void) | undefined;

  constructor(init: PluginServerInit) {
    this.#init = init;
    this.#nextId = Math.floor(init.runtime.random() * firstIds);
  }

  /** Phases that are running now. */
  get runningPhases(): number {
    return this.#running.size;
  }

  get startedInstances(): number {
    return this.#instances.size;
  }

  /** Resolves once no phase is running. */
  idle(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle = resolve;
    });
  }

  /**
   * Answers one request of Kong's.
   *
   * @throws Error whose message is for Kong; "no plugin instance" makes it start the instance again
   */
  handle(method: string, argument: unknown): unknown {
    switch (method) {
      case 'plugin.StartInstance':
        return this.#startInstance(asObject(argument) ?? {});
      case 'plugin.CloseInstance':
        return this.#closeInstance(argument);
      case 'plugin.HandleEvent':
        return this.#handleEvent(asObject(argument) ?? {});
      case 'plugin.StepError':
        return this.#step(asObject(argument) ?? {}, (run, data) => run.stepError(data));
      default:
        // `Step` and its typed variants (`StepMultiMap`, `StepConsumer`, ...): the type is in the data here.
        if (method.startsWith('plugin.Step')) {
          return this.#step(asObject(argument) ?? {}, (run, data) => run.step(data));
        }
        throw new Error(`method ${method} is not implemented`);
    }
  }

  #startInstance(request: JsonObject): unknown {
    const name = asString(request.Name) ?? '';
    const definition = this.#init.plugins.find((plugin) => plugin.Name === name);
    if (definition === undefined) throw new Error(`there is no plugin ${name}`);
    this.#dropIdleInstances();
    const config: unknown = JSON.parse(asString(request.Config) ?? '{}');
    const id = this.#newId();
    this.#instances.set(id, { name, plugin: new definition.Plugin(config), usedAt: this.#init.runtime.now() });
    return { Name: name, Id: id, StartTime: Math.floor(this.#init.runtime.wallTime() / 1000) };
  }

  #closeInstance(id: unknown): unknown {
    const { name } = this.#instance(id);
    this.#instances.delete(Number(id));
    return { Name: name, Id: id };
  }

  #instance(id: unknown): Started {
    const started = typeof id === 'number' ? this.#instances.get(id) : undefined;
    if (started === undefined) throw new Error(`no plugin instance ${String(id)}`);
    return started;
  }

  async #handleEvent(event: JsonObject): Promise<unknown> {
    const started = this.#instance(event.InstanceId);
    const phase = phases.find((name) => name === event.EventName);
    const handler = phase === undefined ? undefined : started.plugin[phase];
    if (phase === undefined || handler === undefined) {
      throw new Error(`${started.name} has no phase ${String(event.EventName)}`);
    }
    started.usedAt = this.#init.runtime.now();
    const id = this.#newId();
    const timer = this.#init.runtime.after(this.#init.deadline, () => this.#expire(id, started.name));
    const run = new PhaseRun(() => {
      timer.cancel();
      this.#running.delete(id);
      if (this.#running.size === 0) this.#idle?.();
    });
    this.#running.set(id, { run, phase });
    const answer = run.next();
    const kong = kongPdk((method, args) => run.call(method, args));
    // In a microtask of its own, so that a handler that throws at once is treated like one that rejects.
    Promise.resolve()
      .then(() => handler.call(started.plugin, kong))
      .then(
        () => run.finish(),
        (thrown: unknown) => {
          this.#init.log.fault('plugin-failed', { plugin: started.name, phase }, thrown);
          this.#fail(id);
        },
      );
    return reply(id, await answer);
  }

  async #step(step: JsonObject, resume: (run: PhaseRun, data: unknown) => Promise<PhaseAnswer>): Promise<unknown> {
    const id = Number(step.EventId);
    const running = this.#running.get(id);
    // A phase that began in an earlier process: an error would let the request through.
    if (running === undefined) return reply(id, this.#faultExit());
    return reply(id, await resume(running.run, step.Data));
  }

  #expire(id: number, plugin: string): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    this.#init.log.line('error', 'plugin-timeout', { plugin, phase: running.phase });
    this.#fail(id);
  }

  #fail(id: number): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    // After the response there is nothing left to refuse.
    running.run.end(running.phase === 'log' ? 'ret' : this.#faultExit());
  }

  #faultExit(): PhaseAnswer {
    return { Method: exitMethod, Args: this.#init.faultAnswer };
  }

  #dropIdleInstances(): void {
    const limit = this.#init.runtime.now() - maxIdleMilliseconds;
    for (const [id, started] of this.#instances) if (started.usedAt < limit) this.#instances.delete(id);
  }

  /** Whole numbers below 2^32, which every MessagePack reader takes. */
  #newId(): number {
    do this.#nextId = (this.#nextId + 1) % 2 ** 32;
    while (this.#instances.has(this.#nextId) || this.#running.has(this.#nextId));
    return this.#nextId;
  }
}

function reply(eventId: number, data: PhaseAnswer): unknown {
  return { Data: data, EventId: eventId };
}
