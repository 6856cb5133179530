import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import { dialectContract } from '../contract.ts';
import { samples } from './samples.ts';

dialectContract('anthropic-messages', () => anthropicMessages(), samples);
