import type { Call } from '../core/call.ts';
import { type Capability, pass, reject } from '../core/capability.ts';
import { GatewayError } from '../core/errors.ts';
import type { Runtime } from '../core/runtime.ts';

/** Knows the calls under way, so that a gateway can end without breaking them. */
export interface Drain {
  /** Stands in front of all others. */
  readonly capability: Capability;
  /**
   * Refuses new calls and waits for those under way. What still runs after `grace` milliseconds is ended with the
   * dialect's own error.
   */
  begin(grace: number): Promise<void>;
}

export function createDrain(runtime: Runtime): Drain {
  const running = new Set<Call>();
  let draining = false;
  let onEmpty: (() => void) | undefined;
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
        if (running.size === 0) onEmpty?.();
      },
    },
    begin(grace) {
      draining = true;
      if (running.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = runtime.after(grace, () => {
          for (const call of running) call.cancellation.cancel('shutting_down');
        });
        onEmpty = () => {
          timer.cancel();
          resolve();
        };
      });
    },
  };
}
