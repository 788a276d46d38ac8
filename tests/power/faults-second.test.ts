import { describe } from 'vitest';
import { testFaults } from './faults-of.ts';

describe('the suite finds every fault by its own clause, second half', () => {
  testFaults('native', 1);
  testFaults('msix', 1);
});
