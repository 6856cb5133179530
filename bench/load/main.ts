import { answerQuestions } from '../process/answer-questions.ts';
import { HeldStreams, rate, requests, streams } from './jobs.ts';
import type { LoadProtocol } from './protocol.ts';

const held = new HeldStreams();

answerQuestions<LoadProtocol>(0, {
  requests,
  streams,
  rate,
  hold: (ask) => held.hold(ask),
  release: () => held.release(),
});
