import { describe, expect, it } from '@jest/globals';
import { addDays, localClock } from '../../src/core/local-time.ts';
import { readUsageQuery } from '../../src/usage/usage-query.ts';

const now = Date.parse('2026-03-11T10:20:00Z');
const read = (search: string) => readUsageQuery(search, now);
const iso = (instant: number) => new Date(instant).toISOString();

function refusal(search: string): string {
  try {
    read(search);
  } catch (thrown) {
    if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown) {
      return `${String(thrown.code)}: ${String(thrown.message)}`;
    }
  }
  throw new Error('It was taken.');
}

describe('the period of a report', () => {
  it.each([
    ['', '2026-03-01T00:00:00.000Z', '2026-03-11T10:30:00.000Z'],
    ['period=day', '2026-03-11T00:00:00.000Z', '2026-03-11T10:30:00.000Z'],
    ['period=week', '2026-03-09T00:00:00.000Z', '2026-03-11T10:30:00.000Z'],
    ['period=month&timezone=Europe/Amsterdam', '2026-02-28T23:00:00.000Z', '2026-03-11T10:30:00.000Z'],
    ['period=day&timezone=Asia/Kathmandu', '2026-03-10T18:15:00.000Z', '2026-03-11T10:30:00.000Z'],
    ['period=day&timezone=Pacific/Chatham', '2026-03-11T10:15:00.000Z', '2026-03-11T10:30:00.000Z'],
    ['from=2026-02-01&to=2026-03-01', '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
    ['from=2026-03-29&to=2026-03-30&timezone=Europe/Amsterdam', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['from=2026-03-01T12:07:00Z&to=2026-03-01T12:08:00Z', '2026-03-01T12:00:00.000Z', '2026-03-01T12:15:00.000Z'],
    ['from=2026-03-01T12:00:00%2B01:00', '2026-03-01T11:00:00.000Z', '2026-03-11T10:30:00.000Z'],
  ])('%s is from %s to %s', (search, from, to) => {
    const query = read(search);
    expect([iso(query.from), iso(query.to)]).toEqual([from, to]);
  });

  it.each([
    ['2026-03-29', 23],
    ['2026-10-25', 25],
    ['2026-06-01', 24],
  ])('CG-27: the day %s has %i hours in Amsterdam', (day, hours) => {
    const clock = localClock('Europe/Amsterdam');
    const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
    const next = addDays({ year, month, day: date }, 1);
    expect(((clock?.startOf(next) ?? 0) - (clock?.startOf({ year, month, day: date }) ?? 0)) / 3_600_000).toBe(hours);
    const query = read(
      `from=${day}&to=${next.year}-${String(next.month).padStart(2, '0')}-${String(next.day).padStart(2, '0')}&timezone=Europe/Amsterdam&group_by=hour`,
    );
    expect(query.stretches).toHaveLength(hours);
  });

  it('cuts a period into local days, the last one cut short', () => {
    const { stretches, clock } = read('from=2026-03-28&timezone=Europe/Amsterdam&group_by=day&to=2026-03-30T10:00:00Z');
    expect(stretches.map(({ from, to }) => [clock.format(from), (to - from) / 3_600_000])).toEqual([
      ['2026-03-28T00:00:00+01:00', 24],
      ['2026-03-29T00:00:00+01:00', 23],
      ['2026-03-30T00:00:00+02:00', 12],
    ]);
  });
});

describe('the parameters of a report', () => {
  it('are groups, filters and a page', () => {
    const query = read('group_by=team,day,model&user=ana&feature=&limit=5&offset=10&format=csv');
    expect(query).toMatchObject({
      time: 'day',
      groupBy: ['team', 'model'],
      filters: [
        { dimension: 'user', value: 'ana' },
        { dimension: 'feature', value: null },
      ],
      limit: 5,
      offset: 10,
      format: 'csv',
    });
  });

  it.each([
    ['groupby=team', '`groupby` is not known; use from, to, period'],
    ['group_by=team,team', '`group_by` takes'],
    ['group_by=day,hour', '`group_by` takes one of'],
    ['group_by=tags', '`group_by` takes'],
    ['limit=0', '`limit` must be a whole number from 1 to 1000'],
    ['limit=1001', '`limit` must be'],
    ['limit=1e3', '`limit` must be'],
    ['offset=-1', '`offset` must be'],
    ['offset=100001', '`offset` must be'],
    ['format=xml', '`format` must be one of json, csv'],
    ['period=year', '`period` must be one of'],
    ['period=day&from=2026-01-01', '`period` excludes'],
    ['from=yesterday', '`from` must be a date'],
    ['from=2026-02-31T99:00:00Z', '`from` must be a date'],
    ['from=2026-03-02&to=2026-03-01', '`from` must be earlier'],
    ['from=2020-01-01', '`from` must be within'],
    ['from=2026-01-01&group_by=hour', '`group_by` gives more than 1000 hours'],
    ['timezone=Mars/Olympus', '`timezone` must be an IANA time zone'],
    ['user=a&user=b', '`user` was given more than once'],
    [`user=${'a'.repeat(10_000)}`, '`user` must be a text of at most 256'],
    ['user=%00', '`user` must be a text'],
    [`${'x'.repeat(5000)}=1`, `\`${'x'.repeat(64)}\` is not known`],
  ])('AD-23: %s is refused', (search, why) => {
    expect(refusal(search)).toContain(`invalid_request: ${why}`);
  });
});
