import type { ChatRequest } from './canonical.ts';

/** Whether a request gives a parameter, by its usual name. A value that is everybody's default is as good as none. */
const isGiven = {
  n: ({ choiceCount = 1 }) => choiceCount > 1,
  logprobs: ({ logprobs = false }) => logprobs,
  top_logprobs: ({ topLogprobs = 0 }) => topLogprobs > 0,
  seed: ({ seed }) => seed !== undefined,
  presence_penalty: ({ presencePenalty = 0 }) => presencePenalty !== 0,
  frequency_penalty: ({ frequencyPenalty = 0 }) => frequencyPenalty !== 0,
  user: ({ user }) => user !== undefined,
} as const satisfies Readonly<Record<string, (request: ChatRequest) => boolean>>;

/** Reports as dropped what an API has no word for. */
export function reportUnsupported(
  request: ChatRequest,
  parameters: readonly (keyof typeof isGiven)[],
  dropped: Set<string>,
): void {
  for (const parameter of parameters) if (isGiven[parameter](request)) dropped.add(parameter);
}
