import { refusal as chatRefusal } from '../openai-chat/errors.ts';
import type { Refusal, RefusalFault, StreamEvent } from '../personality.ts';

/** As in chat completions, but for the words that name parameters. */
export function refusal(fault: RefusalFault): Refusal {
  if (fault === 'context_window') {
    return {
      status: 400,
      message:
        'Your input exceeds the context window of this model: its maximum context length is 8192 tokens. Please adjust your input and try again.',
      param: 'input',
      code: 'context_length_exceeded',
    };
  }
  return chatRefusal(fault);
}

/** https://platform.openai.com/docs/api-reference/responses-streaming/error */
export function inbandError(): StreamEvent {
  return {
    kind: 'other',
    event: 'error',
    data: {
      type: 'error',
      sequence_number: 2,
      error: {
        type: 'server_error',
        code: 'server_error',
        message: 'The server had an error while processing your request. Sorry about that!',
        param: null,
      },
    },
  };
}
