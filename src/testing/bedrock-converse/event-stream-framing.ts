import { awsEventStream, eventFrame, exceptionFrame } from '../../wire/aws-event-stream-framing.ts';
import type { StreamFraming } from '../personality.ts';

const exception = 'exception:';

/**
 * Binary frames. There are no comments: an event of a type no client knows is what keeps such a stream busy.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 */
export const eventStreamFraming: StreamFraming = {
  contentType: awsEventStream.mediaType,
  comment: eventFrame('keepAlive', '{}'),
  frames: (events) =>
    events.map(({ kind, event = '', data }) => ({
      kind,
      data: JSON.stringify(data),
      seal: (payload) => seal(event, payload),
    })),
};

function seal(event: string, payload: Uint8Array): Uint8Array {
  return event.startsWith(exception)
    ? exceptionFrame(event.slice(exception.length), payload)
    : eventFrame(event, payload);
}
