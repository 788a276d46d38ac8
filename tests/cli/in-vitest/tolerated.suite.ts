import { vi } from 'vitest';
import { conformance } from '../../../harness/vitest.ts';
import { cannedRun } from './canned.ts';

vi.mock('../../../harness/engine/run.ts', () => ({ run: cannedRun(['DLV-USED', 'MAP-ABSENT']) }));

const target = { name: 'canned', layout: 'msix', read: () => 0, write: () => undefined };
conformance({ target, allowInconclusive: true, title: 'tolerant' });
