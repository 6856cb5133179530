export { redisLimitStore } from './limit-store.ts';
export { connectRedis, type RedisConnection, type RedisOptions } from './redis-connection.ts';
