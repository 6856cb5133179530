import { aigwAuth } from './aigw-auth.ts';
import type { KongPlugin } from './kong-plugin.ts';

/** Every plugin this package has for Kong. Each also has a file in `plugins/`. */
export const kongPlugins: readonly KongPlugin[] = [aigwAuth];
