import { createLink, type Link } from '../attempt/link.ts';
import type { GatewayEvent, GatewayEventListener } from '../core/events.ts';
import type { Runtime } from '../core/runtime.ts';
import type { ProviderInstance, Target } from '../providers/provider.ts';
import { defaultHealth, type HealthEvent } from '../routing/health.ts';
import { HealthRegistry } from '../routing/health-registry.ts';
import { readHealth } from '../routing/health-settings.ts';
import { defaultRetryBudget, RetryBudget } from '../routing/retry-budget.ts';
import { createMediaFetcher, type MediaFetcher } from '../upstream/fetch-media.ts';
import type { MediaLimits } from '../upstream/fetch-media-options.ts';
import type { ResolvedFailoverSettings } from './options.ts';

/** What all calls of one `failover()` share: connections, keys, health and the retry budget. Two engines share nothing. */
export interface Engine {
  readonly runtime: Runtime;
  readonly settings: ResolvedFailoverSettings;
  readonly health: HealthRegistry;
  readonly budget: RetryBudget;
  /** Fetches media by URL for targets that want bytes; absent where the operator does not want that. */
  readonly media: MediaFetcher | undefined;
  link(target: Target): Link;
  emit(event: GatewayEvent): void;
  close(): Promise<void>;
}

export interface EngineInit {
  readonly instances: ReadonlyMap<string, ProviderInstance>;
  readonly settings: ResolvedFailoverSettings;
  readonly runtime: Runtime;
  readonly onEvent: GatewayEventListener | undefined;
  readonly media?: MediaLimits | undefined;
}

export function createEngine({ instances, settings, runtime, onEvent, media }: EngineInit): Engine {
  const links = new Map([...instances.values()].map((instance) => [instance, createLink(instance, runtime)]));
  const emit = (event: GatewayEvent): void => {
    try {
      onEvent?.(event);
    } catch {
      // A listener's bug must not fail the call that happened to cause the event.
    }
  };
  return {
    runtime,
    settings,
    health: new HealthRegistry(
      runtime,
      { ...defaultHealth, ...readHealth(settings), of: (target) => instances.get(providerOf(target))?.health },
      (event) => emit(healthEvent(event)),
    ),
    budget: new RetryBudget(runtime, {
      ...defaultRetryBudget,
      ratio: settings.retryBudget === 'unlimited' ? Number.POSITIVE_INFINITY : settings.retryBudget,
      targets: Math.max(1, instances.size),
    }),
    media: media && createMediaFetcher(media, { runtime }),
    link(target) {
      const link = links.get(target.instance);
      if (link === undefined) throw new Error(`No link for ${target.id}.`);
      return link;
    },
    emit,
    async close() {
      await Promise.all([...links.values()].map((link) => link.client.close()));
    },
  };
}

/** A target is named `provider/model`, and no provider's name has a slash. */
function providerOf(target: string): string {
  return target.slice(0, target.indexOf('/'));
}

function healthEvent(event: HealthEvent): GatewayEvent {
  switch (event.type) {
    case 'ejected':
      return {
        type: 'target-ejected',
        target: event.target,
        durationMs: event.durationMs,
        consecutiveFailures: event.consecutiveFailures,
        timesEjected: event.timesEjected,
      };
    case 'probing':
      return { type: 'target-probing', target: event.target };
    case 'recovered':
      return { type: 'target-recovered', target: event.target };
  }
}
