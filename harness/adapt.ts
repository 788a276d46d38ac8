/** An adapter that a program holds already, as a {@link Target}: for the library and for other test runners. */
import type { Layout } from '../spec/layout.ts';
import type { Adapter, AdapterModule, Target } from './target.ts';
import { Factory } from './targets/factory.ts';
import { validateAdapter } from './targets/validate.ts';

const NAME = 'adapter';

/**
 * Makes a target of an adapter, or of a function that makes one (which is called again for each power cycle that the
 * adapter cannot do itself).
 *
 * @throws TargetConfigurationError where it is no adapter
 */
export async function adaptTarget(adapter: AdapterModule, layout: Layout): Promise<Target> {
  if (typeof adapter === 'function') {
    const factory = new Factory(adapter, NAME, NAME, layout);
    const made = await factory.open();
    return { ...targetOf(made), cheapPowerCycle: factory.isCheap, restart: () => factory.renew() };
  }
  validateAdapter(adapter, NAME, layout);
  return targetOf(adapter);
}

function targetOf(adapter: Adapter): Target {
  return {
    specification: adapter.name ?? NAME,
    adapter,
    local: adapter.batch === undefined,
    cheapPowerCycle: adapter.powerCycle !== undefined,
    close: async () => {
      await adapter.close?.();
    },
  };
}
