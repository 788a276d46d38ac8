import { vi } from 'vitest';
import { conformance } from '../../../harness/vitest.ts';
import { cannedRun } from './canned.ts';

vi.mock('../../../harness/engine/run.ts', () => ({ run: cannedRun(['MAP-RANGE', 'MAP-ABSENT', 'DLV-USED']) }));

const target = { name: 'canned', read: () => 0, write: () => undefined };
conformance({ target });
