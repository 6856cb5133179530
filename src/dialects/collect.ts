import { GatewayError } from '../core/errors.ts';
import type { Usage } from '../core/usage.ts';
import type { ChatAnswer, ChatEvent, Extensions } from './canonical.ts';
import { ChoiceCollector, extended } from './collect/choice-collector.ts';

export { answerToEvents } from './collect/answer-to-events.ts';

/**
 * A streamed answer as a whole one. Inverse of `answerToEvents` up to how the deltas are cut.
 *
 * A part closes at `part-end`, at a delta of another kind, and wherever another part begins. A `part-end` that signs
 * with nothing open signs an empty text part; so a decoder whose reasoning has no text opens it with an empty delta.
 *
 * @throws GatewayError `upstream_error` when the stream reported a failure, `upstream_truncated` when it has no `done`
 * or a choice has no `finish`: such a stream is no answer.
 */
export function collectEvents(events: Iterable<ChatEvent>): ChatAnswer {
  const collector = new Collector();
  for (const event of events) collector.add(event);
  return collector.answer();
}

class Collector {
  #id = '';
  #model = '';
  #created: number | undefined;
  #usage: Usage | undefined;
  #extensions: Extensions | undefined;
  #done = false;
  readonly #choices = new Map<number, ChoiceCollector>();

  add(event: ChatEvent): void {
    switch (event.type) {
      case 'start':
        this.#id = event.id;
        this.#model = event.model;
        this.#created = event.created;
        return;
      case 'usage':
        this.#usage = event.usage;
        return;
      case 'extension':
        if (event.choice === undefined) this.#extensions = extended(this.#extensions, event.dialect, event.data);
        else this.#choice(event.choice).extend(event.dialect, event.data);
        return;
      case 'error':
        throw new GatewayError('upstream_error', {
          ...(event.fault.code !== undefined && { providerCode: event.fault.code }),
        });
      case 'done':
        this.#done = true;
        return;
      default:
        this.#choice(event.choice).add(event);
    }
  }

  answer(): ChatAnswer {
    if (!this.#done) throw new GatewayError('upstream_truncated');
    const choices = [...this.#choices.values()].sort((a, b) => a.index - b.index);
    return {
      id: this.#id,
      model: this.#model,
      ...(this.#created !== undefined && { created: this.#created }),
      choices: choices.map((choice) => choice.finished()),
      ...(this.#usage !== undefined && { usage: this.#usage }),
      ...(this.#extensions !== undefined && { extensions: this.#extensions }),
    };
  }

  #choice(index: number): ChoiceCollector {
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      choice = new ChoiceCollector(index);
      this.#choices.set(index, choice);
    }
    return choice;
  }
}
