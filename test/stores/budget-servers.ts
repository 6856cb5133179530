import pg from 'pg';
import type { TestServer } from '../support/servers.ts';

let databases = 0;

/** The address of a new database on the server. */
export async function emptyDatabase(server: Pick<TestServer, 'url'>): Promise<string> {
  databases += 1;
  const name = `budgets_${process.pid}_${databases}`;
  const client = new pg.Client(server.url);
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
}
