import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { CreditLedger } from './credit-ledger.ts';

const limits = { totalBytes: 1000, perAccountBytes: 400, leastBytes: 50 };

describe(CreditLedger, () => {
  it('gives back exactly what was taken while nothing else changes', () => {
    const ledger = new CreditLedger(limits);
    expect(ledger.open('a')).toBe(400);

    expect(ledger.charge('a', 300)).toBe(true);
    expect(ledger.heldBytes).toBe(300);
    expect(ledger.settle('a', 300)).toBe(300);
    expect(ledger.heldBytes).toBe(0);
  });

  it('lets one batch go below zero, and none after it', () => {
    const ledger = new CreditLedger(limits);
    ledger.open('a');

    expect(ledger.charge('a', 5000)).toBe(true);
    expect(ledger.charge('a', 1)).toBe(false);
    ledger.settle('a', 5000);
    expect(ledger.charge('a', 1)).toBe(true);
  });

  it('shares the total evenly, and takes back from those that came first as they settle', () => {
    const ledger = new CreditLedger(limits);
    ledger.open('a');
    ledger.charge('a', 400);
    for (const account of ['b', 'c', 'd', 'e']) ledger.open(account);

    expect(ledger.settle('a', 400)).toBe(200);
  });

  it('gives more when others have gone', () => {
    const ledger = new CreditLedger(limits);
    ledger.open('a');
    ledger.open('b');
    ledger.open('c');
    expect(ledger.open('d')).toBe(250);
    ledger.charge('d', 250);
    ledger.close('a');
    ledger.close('b');

    expect(ledger.settle('d', 250)).toBe(400);
  });

  it('never gives less than enough to go on', () => {
    const ledger = new CreditLedger(limits);
    for (let account = 0; account < 100; account += 1) ledger.open(String(account));

    expect(ledger.open('last')).toBe(50);
  });

  it('knows no credit for an account that is not open', () => {
    const ledger = new CreditLedger(limits);

    expect(ledger.charge('a', 1)).toBe(false);
    expect(ledger.settle('a', 1)).toBe(0);
  });

  it('never holds more than the share and one batch, and never starves an account', () => {
    const aStep = fc.record({
      kind: fc.constantFrom('charge', 'settle', 'others'),
      bytes: fc.integer({ min: 1, max: 300 }),
    });
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 60 }), (steps) => {
        const ledger = new CreditLedger(limits);
        let balance = ledger.open('a');
        const held: number[] = [];
        let others = 0;
        for (const { kind, bytes } of steps) {
          if (kind === 'others') ledger.open(`other-${(others += 1)}`);
          else if (kind === 'charge' && balance > 0) {
            expect(ledger.charge('a', bytes)).toBe(true);
            balance -= bytes;
            held.push(bytes);
          } else if (kind === 'settle' && held.length > 0) {
            balance += ledger.settle('a', held.shift()!);
          }
          const sum = held.reduce((all, each) => all + each, 0);
          expect(sum).toBeLessThanOrEqual(limits.perAccountBytes + 300);
        }
        for (const bytes of held) balance += ledger.settle('a', bytes);
        expect(balance).toBeGreaterThan(0);
      }),
    );
  });
});
