import { nativeCall } from './contenders/calls.ts';
import type { Contender } from './contenders/contender.ts';
import { Gateways } from './gateways.ts';
import type { CallSpec, LoadProtocol } from './load/protocol.ts';
import { measure, type Sample, type Stage } from './measure.ts';
import type { Plan } from './options.ts';
import { Child } from './process/child.ts';
import type { ProviderProtocol } from './provider/protocol.ts';
import type { Scenario } from './scenarios.ts';
import { verifyAnswer, verifyPaceMs } from './verify.ts';

/** All samples of a scenario; the n-th sample of every contender belongs to the n-th round. */
export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly samples: ReadonlyMap<Contender, readonly Sample[]>;
  /** Added latency only: the provider without a gateway in front, by round. */
  readonly direct: readonly Sample[];
  /** Contenders that answered wrongly, and how. They have no samples. */
  readonly faults: readonly { readonly contender: Contender; readonly message: string }[];
}

/** What the provider can do by itself. It must be far from limiting anybody. */
export interface ProviderHeadroom {
  readonly cpuPerRequestUs: number;
  readonly requestsPerSecond: number;
}

interface Collected {
  readonly scenario: Scenario;
  readonly samples: Map<Contender, Sample[]>;
  readonly direct: Sample[];
  readonly faults: { readonly contender: Contender; readonly message: string }[];
}

/** One run of the bench: a provider, a load process, and the contenders taking turns between them. */
export class Session {
  readonly #stage: Stage;
  readonly #providerPort: number;
  readonly #gateways: Gateways;
  /** Scenarios that a contender's present process has done and answered rightly, by the contender's name. */
  readonly #warm = new Map<string, Set<Scenario>>();

  private constructor(stage: Stage, providerPort: number) {
    this.#stage = stage;
    this.#providerPort = providerPort;
    this.#gateways = new Gateways(this.#providerOrigin);
  }

  /** @param profileFolder where a profile of each trial is written, if anywhere */
  static async start(plan: Plan, profileFolder?: string): Promise<Session> {
    const provider = new Child<ProviderProtocol>('provider', new URL('./provider/main.ts', import.meta.url));
    const load = new Child<LoadProtocol>('load', new URL('./load/main.ts', import.meta.url));
    await load.ready();
    return new Session({ provider, load, plan, profileFolder }, await provider.ready());
  }

  async measureProvider(): Promise<ProviderHeadroom> {
    const { load, provider, plan } = this.#stage;
    const spec = { port: this.#providerPort, ...nativeCall('pass', false) };
    await load.ask('requests', { spec, connections: 64, durationMs: plan.warmUpMs.first });
    const before = await provider.ask('cpu', undefined);
    const result = await load.ask('requests', { spec, connections: 64, durationMs: plan.requestsMs });
    const used = (await provider.ask('cpu', undefined)) - before;
    return {
      cpuPerRequestUs: used / result.completed,
      requestsPerSecond: (result.completed * 1000) / result.elapsedMs,
    };
  }

  /** Every round runs every scenario with every contender, one after another; who begins changes from round to round. */
  async run(scenarios: readonly Scenario[], contenders: readonly Contender[]): Promise<readonly ScenarioResult[]> {
    const collected = scenarios.map(
      (scenario): Collected => ({ scenario, samples: new Map(), direct: [], faults: [] }),
    );
    for (let round = 0; round < this.#stage.plan.rounds; round += 1) {
      for (const target of collected) {
        process.stderr.write(`round ${round + 1}/${this.#stage.plan.rounds}: ${target.scenario.name}\n`);
        await this.#runScenario(target, rotated(contenders, round));
      }
      if (this.#stage.plan.restart) {
        await this.#gateways.stopAll();
        this.#warm.clear();
      }
    }
    return collected;
  }

  async stop(): Promise<void> {
    await this.#gateways.stopAll();
    await Promise.all([this.#stage.provider.stop(), this.#stage.load.stop()]);
  }

  get #providerOrigin(): string {
    return `http://127.0.0.1:${this.#providerPort}`;
  }

  async #runScenario(target: Collected, contenders: readonly Contender[]): Promise<void> {
    const { scenario } = target;
    if (scenario.method === 'added-latency') target.direct.push(await this.#measureDirect(scenario));
    for (const contender of contenders) {
      if (target.faults.some((fault) => fault.contender === contender)) continue;
      const { task, stream, callers } = scenario;
      const call = contender.call(task, { stream, callers, providerOrigin: this.#providerOrigin });
      if (call === undefined) continue;
      try {
        const sample = await this.#runTrial(contender, scenario, call);
        target.samples.set(contender, [...(target.samples.get(contender) ?? []), sample]);
      } catch (thrown) {
        target.samples.delete(contender);
        target.faults.push({ contender, message: thrown instanceof Error ? thrown.message : String(thrown) });
      }
    }
  }

  async #measureDirect(scenario: Scenario): Promise<Sample> {
    const { provider } = this.#stage;
    const spec = { port: this.#providerPort, ...nativeCall(scenario.task, scenario.stream) };
    return measure({
      stage: { ...this.#stage, profileFolder: undefined },
      gateway: provider,
      spec,
      scenario,
      warm: false,
    });
  }

  async #runTrial(contender: Contender, scenario: Scenario, call: Omit<CallSpec, 'port'>): Promise<Sample> {
    // What is left of earlier scenarios in a process would hide what open streams take.
    if (scenario.method === 'memory-per-stream') {
      await this.#gateways.stop(contender);
      this.#warm.delete(contender.name);
    }
    const gateway = this.#gateways.get(contender);
    const spec = { ...call, port: await gateway.ready() };
    const done = this.#warm.get(contender.name) ?? new Set();
    this.#warm.set(contender.name, done);
    const warm = done.has(scenario);
    if (!warm) {
      await this.#stage.provider.ask('pace', verifyPaceMs);
      const fault = await verifyAnswer(spec);
      if (fault !== undefined) throw new Error(fault);
      done.add(scenario);
    }
    return measure({ stage: this.#stage, gateway, spec, scenario, warm });
  }
}

function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
