import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startFakeProvider } from '../../src/testing/index.ts';
import { bodyText, type CorpusRecord, describeCorpus } from '../support/corpus.ts';
import { isRun } from '../support/corpus-coverage.ts';
import { type GatewayServer, get, startGateway, wallConfig } from './support/gateway-app.ts';

/** What the servers of the recordings say besides, which the reference does not know or calls deprecated. */
const ofOneServer: readonly string[] = ['permission', 'root', 'parent', 'aliases', 'meta', 'tags', 'models'];

type Shape = Readonly<Record<string, string>>;

function shapeOf(value: object): Shape {
  const members = Object.entries(value).filter(([name]) => !ofOneServer.includes(name));
  return Object.fromEntries(members.map(([name, member]) => [name, typeof member]));
}

describeCorpus('the list of models beside recorded ones', ['models'], (records) => {
  let server: GatewayServer;
  let close: () => Promise<void>;

  beforeAll(async () => {
    const wall = await startFakeProvider();
    server = await startGateway({ config: wallConfig(wall) });
    close = async () => {
      await server.close();
      await wall.close();
    };
  });
  afterAll(() => close());

  async function served(path: string) {
    return JSON.parse((await get(`${server.url}${path}`)).text);
  }

  async function expectShapes(record: CorpusRecord): Promise<void> {
    const recorded = JSON.parse(bodyText(record));
    const list = await served('/v1/models');
    const isList = Array.isArray(recorded.data);
    if (isList) expect(shapeOf(list)).toMatchObject(shapeOf(recorded));
    for (const model of isList ? recorded.data : [recorded]) {
      for (const ours of list.data) {
        expect(shapeOf(ours)).toMatchObject(shapeOf(model));
        expect(ours.object).toBe(model.object);
      }
    }
    const [first] = list.data;
    expect(await served(`/v1/models/${first.id}`)).toEqual(first);
  }

  for (const record of records.filter((candidate) => isRun(candidate, 'answer'))) {
    it(`has every member of ${record.file}, of the same type`, () => expectShapes(record));
  }
});
