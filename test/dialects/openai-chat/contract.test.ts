import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { dialectContract } from '../contract.ts';
import { samples } from './samples.ts';

dialectContract('openai-chat', () => openaiChat(), samples);
