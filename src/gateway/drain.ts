import { type Capability, pass, reject } from '../core/capability.ts';
import { GatewayError } from '../core/errors.ts';
import type { Runtime } from '../core/runtime.ts';
import { RunningCalls } from './running-calls.ts';

/** Knows the calls under way, so that a gateway can end without breaking them. */
export interface Drain {
  /** Stands behind telemetry alone: a refused call is logged, and nothing else is done for it. */
  readonly capability: Capability;
  /** Whether new calls are refused. */
  readonly draining: boolean;
  /**
   * Refuses new calls and waits for those under way. What still runs after `grace` milliseconds is ended with the
   * dialect's own error. May be called again, with another grace: the shorter one counts.
   */
  begin(grace: number): Promise<void>;
}

/** Milliseconds a call has for its last frame once it was told to end; then nobody waits for it any more. */
const lastWords = 750;

export function createDrain(runtime: Runtime): Drain {
  const running = new RunningCalls();
  const { promise: empty, resolve: emptied } = Promise.withResolvers<void>();
  let draining = false;
  return {
    capability: {
      name: 'drain',
      onHead(call) {
        // Noted first: a refused call settles as well.
        running.add(call);
        return draining ? reject(new GatewayError('shutting_down', { headers: { connection: 'close' } })) : pass;
      },
      onSettled(call) {
        running.delete(call);
        if (draining && running.size === 0) emptied();
      },
    },
    get draining() {
      return draining;
    },
    async begin(grace) {
      draining = true;
      if (running.size === 0) emptied();
      const end = runtime.after(grace, () => {
        for (const call of running.all()) call.cancellation.cancel('shutting_down');
      });
      const giveUp = runtime.after(grace + lastWords, emptied);
      await empty;
      end.cancel();
      giveUp.cancel();
    },
  };
}
