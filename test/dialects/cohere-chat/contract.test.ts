import { cohereChat } from '../../../src/dialects/cohere-chat/index.ts';
import { dialectContract } from '../contract.ts';
import { samples } from './samples.ts';

dialectContract('cohere-chat', () => cohereChat(), samples);
