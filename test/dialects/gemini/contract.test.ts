import { gemini } from '../../../src/dialects/gemini/index.ts';
import { dialectContract } from '../contract.ts';
import { samples } from './samples.ts';

dialectContract('gemini', () => gemini(), samples);
