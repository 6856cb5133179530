import { invalidUtf8Marker } from '../speech/compose-answer.ts';
import type { Delivery, Ending, Frame, Piece, WireReply } from '../wire-reply.ts';
import { compress, type Encoding } from './compress.ts';
import type { FaultSet } from './parse-faults.ts';

/** What a fault needs to know of the vendor to speak its words. */
export interface BreakContext {
  /** What keeps a stream busy and means nothing. */
  readonly comment: string | Uint8Array;
  /** The vendor's error event. */
  readonly errorFrames: readonly Frame[];
  readonly errorBody: string;
}

/** Breaks a good answer as the faults of the call say. */
export async function breakReply(reply: WireReply, faults: FaultSet, context: BreakContext): Promise<Delivery> {
  const encoding = encodingOf(faults);
  const headers = { ...reply.headers, ...(encoding !== undefined && { 'content-encoding': encoding }) };
  const base = { status: reply.status, rawHeaders: [] };
  if (reply.body.kind === 'whole') {
    const { pieces, ending, length } = await breakWhole(reply.body.data, { faults, context, encoding });
    return { ...base, headers: { ...headers, 'content-length': String(length) }, pieces, ending };
  }
  const { frames, ending } = breakStream(reply.body.frames, faults, context);
  const bytes = frames.map(frameBytes);
  const sent =
    encoding === undefined ? bytes : await compress(bytes, { encoding, flush: 'each', end: ending === 'end' });
  const pieces = sent.map((piece, index) => ({ bytes: piece, content: frames[index]?.kind === 'content' }));
  return { ...base, headers, pieces, ending };
}

function encodingOf(faults: FaultSet): Encoding | undefined {
  switch (faults.inGroup('encoding')) {
    case 'gz':
      return 'gzip';
    case 'br':
      return 'br';
    case 'deflate':
      return 'deflate';
    case 'zstd':
      return 'zstd';
    default:
      return undefined;
  }
}

// ---- Whole answers ----

interface WholeContext {
  readonly faults: FaultSet;
  readonly context: BreakContext;
  readonly encoding: Encoding | undefined;
}

interface BrokenWhole {
  readonly pieces: readonly Piece[];
  readonly ending: Ending;
  /** Declared in `content-length`, sent or not. */
  readonly length: number;
}

async function breakWhole(
  data: string | Uint8Array,
  { faults, context, encoding }: WholeContext,
): Promise<BrokenWhole> {
  const text = wholeText(data, faults, context);
  const plain = toBytes(text);
  const [bytes = plain] =
    encoding === undefined ? [plain] : await compress([plain], { encoding, flush: 'none', end: true });
  const half = bytes.subarray(0, Math.ceil(bytes.length / 2));
  const sending = (sent: Uint8Array, ending: Ending): BrokenWhole => ({
    pieces: [{ bytes: sent, content: true }],
    ending,
    length: bytes.length,
  });
  switch (faults.inGroup('ending')) {
    case 'cut':
      return sending(half, 'destroy');
    case 'stall':
      return sending(half, 'hang');
    case 'rst_after_headers':
      return { pieces: [], ending: 'reset', length: bytes.length };
    case 'comments_then_cut':
      return sending(Buffer.from(' \n'), 'destroy');
    default:
      return sending(bytes, 'end');
  }
}

function wholeText(data: string | Uint8Array, faults: FaultSet, context: BreakContext): string | Uint8Array {
  switch (faults.inGroup('ending')) {
    case 'clean_eof':
    case 'json_cut':
      return data.slice(0, Math.ceil(data.length / 2));
    case 'inband_error':
    case 'error_first':
      return context.errorBody;
    default:
      return faults.has('deep') ? nest(data) : data;
  }
}

// ---- Streams ----

interface BrokenStream {
  readonly frames: readonly Frame[];
  readonly ending: Ending;
}

function breakStream(all: readonly Frame[], faults: FaultSet, { comment, errorFrames }: BreakContext): BrokenStream {
  const frames = faults.has('deep') ? nestFirstContent(all) : all;
  const upTo = (name: 'cut' | 'clean_eof' | 'stall' | 'inband_error'): readonly Frame[] =>
    upToContent(frames, faults.amount(name) ?? 0);
  switch (faults.inGroup('ending')) {
    case 'cut':
      return { frames: upTo('cut'), ending: 'destroy' };
    case 'clean_eof':
      return { frames: upTo('clean_eof'), ending: 'end' };
    case 'stall':
      return { frames: upTo('stall'), ending: 'hang' };
    case 'inband_error':
      return { frames: [...upTo('inband_error'), ...errorFrames], ending: 'end' };
    case 'error_first':
      return { frames: errorFrames, ending: 'end' };
    case 'comments_then_cut':
      return { frames: withComments(frames, comment), ending: 'destroy' };
    case 'rst_after_headers':
      return { frames: [], ending: 'reset' };
    case 'json_cut':
      return { frames: cutLastContent(frames), ending: 'end' };
    case 'no_done':
      return { frames: frames.filter((frame) => frame.kind !== 'done'), ending: 'end' };
    default:
      return { frames, ending: 'end' };
  }
}

/** Everything before the content chunk after the k-th, and never the finish reason. */
function upToContent(frames: readonly Frame[], count: number): readonly Frame[] {
  let seen = 0;
  const end = frames.findIndex((frame) => {
    if (frame.kind === 'content') seen += 1;
    return seen > count || frame.kind === 'finish' || frame.kind === 'done';
  });
  const kept = end < 0 ? frames : frames.slice(0, end);
  return count === 0 ? kept.filter((frame) => frame.kind !== 'content') : kept;
}

function withComments(frames: readonly Frame[], comment: string | Uint8Array): readonly Frame[] {
  const busy: Frame = { kind: 'other', data: comment };
  return [...frames.filter((frame) => frame.kind === 'opening'), busy, busy];
}

function cutLastContent(frames: readonly Frame[]): readonly Frame[] {
  const last = frames.findLastIndex((frame) => frame.kind === 'content');
  return frames.slice(0, last + 1).map((frame, index) => {
    return index === last ? halfOf(frame) : frame;
  });
}

function halfOf(frame: Frame): Frame {
  const data = frame.seal === undefined ? frame.data : frameBytes(frame);
  return { kind: frame.kind, data: data.slice(0, Math.ceil(data.length / 2)) };
}

function nestFirstContent(frames: readonly Frame[]): readonly Frame[] {
  const first = frames.findIndex((frame) => frame.kind === 'content');
  return frames.map((frame, index) => (index === first ? { ...frame, data: nest(frame.data) } : frame));
}

// ---- Bytes ----

const depth = 10_000;

/** Adds a deeply nested field to the JSON object in a text. */
function nest(data: string | Uint8Array): string | Uint8Array {
  if (typeof data !== 'string') return data;
  const end = data.lastIndexOf('}');
  return `${data.slice(0, end)},"x_nested":${'['.repeat(depth)}${']'.repeat(depth)}${data.slice(end)}`;
}

const marker = Buffer.from(invalidUtf8Marker);
const invalidUtf8 = Buffer.from([0xff, 0xfe, 0xfd]);

function frameBytes({ data, seal }: Frame): Uint8Array {
  const bytes = toBytes(data);
  return seal === undefined ? bytes : seal(bytes);
}

function toBytes(data: string | Uint8Array): Uint8Array {
  if (typeof data !== 'string') return data;
  const bytes = Buffer.from(data);
  const at = bytes.indexOf(marker);
  if (at >= 0) bytes.set(invalidUtf8, at);
  return bytes;
}
