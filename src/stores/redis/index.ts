export { ledgerHistory } from './budget-history.ts';
export { type RedisBudgetOptions, redisBudgetStore } from './budget-store.ts';
export { redisKeyStore } from './key-store.ts';
export { redisLimitStore } from './limit-store.ts';
export { connectRedis, type RedisConnection, type RedisOptions } from './redis-connection.ts';
