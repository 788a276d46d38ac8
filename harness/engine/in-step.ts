/**
 * Requests that show whether a stream of answers is still in step with its requests. A device that answered once too
 * often is not noticed until the kind of an answer is wrong, and until then every answer is taken for another one.
 */
import type { Layout } from '../../spec/layout.ts';
import type { Step } from '../compile.ts';

/**
 * A read, two writes, a read: no one and no two answers too many before them fit. They are what any driver may do at
 * any time, and nothing that follows depends on them.
 */
export function inStepSteps(layout: Layout): Step[] {
  const common = { operation: 0, watch: true, width: 32 as const };
  const magic = layout.register('MagicValue');
  const selector = layout.register('DeviceFeaturesSel');
  const read: Step = { ...common, kind: 'read', offset: magic.offset, spot: { kind: 'register', register: magic } };
  const write: Step = {
    ...common,
    kind: 'write',
    offset: selector.offset,
    spot: { kind: 'register', register: selector },
    value: 0,
  };
  return [read, write, write, read];
}
