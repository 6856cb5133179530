import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';

/** Samples where this process spends its time. */
export class Profiler {
  #session: Session | undefined;

  async start(): Promise<undefined> {
    const session = new Session();
    this.#session = session;
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
    return undefined;
  }

  /** Writes what `start` began, in the form Chrome's developer tools and editors open. */
  async stop(file: string): Promise<undefined> {
    const session = this.#session;
    if (session === undefined) return undefined;
    this.#session = undefined;
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    await writeFile(file, JSON.stringify(profile));
    return undefined;
  }
}
