import { ollamaChat } from '../../../src/dialects/ollama-chat/index.ts';
import { dialectContract } from '../contract.ts';
import { samples } from './samples.ts';

dialectContract('ollama-chat', () => ollamaChat(), samples);
