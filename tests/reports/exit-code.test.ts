import { describe, expect, it } from 'vitest';
import { EXIT, exitCode, strongest } from '../../reports/exit-code.ts';
import { conformant, faulty, interrupted, notConformant } from './fixtures.ts';

describe('the exit code', () => {
  it('follows the headline', () => {
    expect(exitCode(conformant)).toBe(0);
    expect(exitCode(notConformant)).toBe(1);
    expect(exitCode({ ...conformant, headline: 'inconclusive' })).toBe(4);
  });

  it('tells a fault of the target, where no violation is proven', () => {
    expect(exitCode(faulty)).toBe(3);
    expect(exitCode({ ...conformant, findings: faulty.findings })).toBe(3);
    expect(exitCode({ ...notConformant, findings: faulty.findings })).toBe(1);
  });

  it('tells an interruption before all else', () => {
    expect(exitCode(interrupted)).toBe(130);
    expect(exitCode(interrupted, false)).toBe(4);
    expect(exitCode(notConformant, true)).toBe(130);
  });

  it('has an order where several apply: 130, 2, 1, 3, 4, 0', () => {
    const order = [EXIT.interrupted, EXIT.usage, EXIT.violation, EXIT.fault, EXIT.inconclusive, EXIT.conformant];
    order.forEach((code, at) => {
      expect(strongest(...order.slice(at).reverse())).toBe(code);
    });
    expect(strongest()).toBe(0);
  });
});
