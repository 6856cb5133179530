import { expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.ts';
import { asString } from '../../../src/core/json.ts';
import type { Dialect } from '../../../src/dialects/dialect.ts';
import type { Splice } from '../../../src/wire/splice-json.ts';
import { deepFreeze } from './deep-freeze.ts';
import { type DialectSamples, type RequestSample, richRequest } from './samples.ts';

export function requestLaws(makeDialect: () => Dialect, samples: DialectSamples): void {
  const { request } = makeDialect();

  for (const sample of samples.requests) {
    it(`decodes and encodes ${sample.name} without losing or changing anything`, () => {
      const decoded = request.decode(deepFreeze(sample.body), sample.origin ?? {});
      const encoded = request.encode(deepFreeze(decoded), { model: modelOf(sample) });
      expect(encoded).toEqual({ body: sample.encoded ?? sample.body, dropped: [] });
    });

    it(`passes ${sample.name} through only with the meaning it would be encoded with`, () => {
      const target = { model: 'target-model' };
      const splices = request.passThrough(deepFreeze(sample.body), target);
      if (splices === undefined) return;
      const encoded = request.encode(request.decode(sample.body, sample.origin ?? {}), target);
      const origin = { ...sample.origin, model: target.model };
      expect(request.decode(spliced(sample.body, splices), origin)).toEqual(request.decode(encoded.body, origin));
    });
  }

  for (const { name, body, param } of samples.refusedRequests) {
    it(`refuses ${name} and names ${param}`, () => {
      expect(() => request.decode(deepFreeze(body), {})).toThrow(
        expect.objectContaining({ code: 'invalid_request', status: 400, param }),
      );
    });
  }

  it('encodes a conversation of another dialect and reads it back with the same meaning', () => {
    const encoded = request.encode(deepFreeze(richRequest), { model: 'target-model' });
    const decoded = request.decode(deepFreeze(encoded.body as JsonObject), { model: 'target-model', stream: false });
    expect(textsOf(decoded.messages)).toEqual(textsOf(richRequest.messages));
    expect(callsOf(decoded.messages)).toEqual(callsOf(richRequest.messages));
    expect(decoded.tools).toEqual(richRequest.tools);
    expect(decoded.model).toBe('target-model');
  });

  it('sends the name of the target, not that of the caller', () => {
    const encoded = request.encode(richRequest, { model: 'target-model' });
    expect(JSON.stringify(encoded.body)).not.toContain('caller-model');
  });
}

function spliced(body: JsonObject, splices: readonly Splice[]): JsonObject {
  const result = new Map(Object.entries(body));
  for (const [key, value] of splices) {
    if (value === undefined) result.delete(key);
    else result.set(key, JSON.parse(value));
  }
  return Object.fromEntries(result);
}

function modelOf(sample: RequestSample): string {
  return sample.origin?.model ?? asString(sample.body.model) ?? '';
}

type Messages = typeof richRequest.messages;

function textsOf(messages: Messages): readonly string[] {
  return messages.flatMap(({ role, parts }) =>
    parts.flatMap((part) => {
      if (part.type === 'text') return [`${role}: ${part.text}`];
      if (part.type !== 'tool-result') return [];
      return part.content.flatMap((inner) => (inner.type === 'text' ? [`result: ${inner.text}`] : []));
    }),
  );
}

/** Names, arguments and the way results refer to their calls; ids themselves may change. */
function callsOf(messages: Messages): readonly string[] {
  const parts = messages.flatMap((message) => message.parts);
  const ids = parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []));
  return parts.flatMap((part) => {
    if (part.type === 'tool-call') return [`${part.name} ${JSON.stringify(JSON.parse(part.arguments))}`];
    return part.type === 'tool-result' ? [`result of call ${ids.indexOf(part.toolCallId)}`] : [];
  });
}
