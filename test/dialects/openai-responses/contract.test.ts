import { openaiResponses } from '../../../src/dialects/openai-responses/index.ts';
import { dialectContract } from '../contract.ts';
import { samples } from './samples.ts';

dialectContract('openai-responses', () => openaiResponses(), samples);
