import { describe, expect, it } from '@jest/globals';
import { faultDefinition, faultNames } from '../../src/testing/faults/fault-table.ts';
import { FaultSyntaxError, parseFaults } from '../../src/testing/faults/parse-faults.ts';

describe('parseFaults', () => {
  it.each([
    'demo-small',
    'gpt-4o',
    'claude-sonnet-4-20250514',
    'gemini-2.5-flash',
    'openai/gpt-4.1',
    'llama3.1:8b',
    '',
  ])('finds no fault in the ordinary name "%s"', (model) => {
    expect(parseFaults(model).names).toEqual([]);
  });

  it.each([
    ['e429', ['e429']],
    ['demo-e429', ['e429']],
    ['openai/gpt-4o+e500', ['e500']],
    ['demo-small+gz+cut(3)', ['gz', 'cut']],
    ['cut(3)+gz', ['cut', 'gz']],
    ['demo-slow(20)+retryafter(7)+e503', ['slow', 'retryafter', 'e503']],
    ['redirect(http://127.0.0.1:80/a-b+c:d)', ['redirect']],
    ['demo+redirect~http://127.0.0.1:80/a-b', ['redirect']],
    ['openai/demo+cut~3', ['cut']],
    ['cut~3+split~7', ['cut', 'split']],
  ])('reads "%s"', (model, names) => {
    expect(parseFaults(model).names).toEqual(names);
  });

  it('reads arguments, and takes the default where the table has one', () => {
    expect(parseFaults('cut(3)').amount('cut')).toBe(3);
    expect(parseFaults('cut~12').amount('cut')).toBe(12);
    expect(parseFaults('trickle').amount('trickle')).toBe(20);
    expect(parseFaults('retryafter(0.5)').amount('retryafter')).toBe(0.5);
    expect(parseFaults('redirect(https://example.com/x)').url('redirect')).toBe('https://example.com/x');
    expect(parseFaults('cut(3)').amount('stall')).toBeUndefined();
  });

  it('takes every fault of the table by its documented form', () => {
    const forms = faultNames.map((name) => {
      const { argument } = faultDefinition(name);
      if (argument === undefined) return name;
      return `${name}(${argument.kind === 'url' ? 'http://127.0.0.1/' : '7'})`;
    });
    expect(forms.map((form) => parseFaults(form).names[0])).toEqual(faultNames);
  });

  it.each([
    ['demo+stal(3)', 'Unknown fault "stal(3)" (did you mean "stall"?).'],
    ['stal(3)', 'Unknown fault "stal(3)" (did you mean "stall"?).'],
    ['demo-rst_before_header', 'Unknown fault "rst_before_header" (did you mean "rst_before_headers"?).'],
    ['demo-e418', 'Unknown fault "e418" (known: '],
    ['demo+', 'Unknown fault "" (known: '],
    ['demo+cut~x', 'The fault "cut(k)" needs a whole number'],
    ['stal~3', 'Unknown fault "stal~3" (did you mean "stall"?).'],
    ['demo+cut', 'The fault "cut(k)" needs a whole number as its argument.'],
    ['cut(-1)', 'The fault "cut(k)" needs a whole number'],
    ['cut(1.5)', 'The fault "cut(k)" needs a whole number'],
    ['split(0)', 'The fault "split(n)" needs a whole number of bytes above 0'],
    ['flaky(101)', 'The fault "flaky(%)" needs a number from 0 to 100'],
    ['redirect(there)', 'The fault "redirect(url)" needs an absolute URL'],
    ['nohdr(1)', 'The fault "nohdr" takes no argument, but "nohdr(1)" gives one.'],
    ['e429+e500', 'The faults "e429" and "e500" contradict each other.'],
    ['gz+br', 'The faults "gz" and "br" contradict each other.'],
    ['cut(1)+stall(1)', 'The faults "cut" and "stall" contradict each other.'],
    ['e500+cut(1)', '"cut" breaks off an answer, but with "e500" there is none.'],
    ['nohdr+retryafter(1)', '"retryafter" needs an error status, but "nohdr" has none.'],
  ])('refuses "%s"', (model, message) => {
    expect(() => parseFaults(model)).toThrow(message);
    expect(() => parseFaults(model)).toThrow(expect.objectContaining({ name: FaultSyntaxError.name }));
  });
});
