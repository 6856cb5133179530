import type { StreamFraming } from '../personality.ts';

export const jsonArrayFraming: StreamFraming = {
  contentType: 'application/json; charset=UTF-8',
  comment: '\r\n',
  frames: (events) =>
    events.map(({ kind, data }, index) => ({
      kind,
      data: `${index === 0 ? '[' : ',\r\n'}${JSON.stringify(data)}${index === events.length - 1 ? ']' : ''}`,
    })),
};
