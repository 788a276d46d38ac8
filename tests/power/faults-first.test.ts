import { describe } from 'vitest';
import { testFaults } from './faults-of.ts';

describe('the suite finds every fault by its own clause, first half', () => {
  testFaults('native', 0);
  testFaults('msix', 0);
});
