/**
 * The example adapter, which ends the process when the second program begins: the first one is judged then. Each
 * program begins with a power cycle, and the examination before them makes none.
 */
import makeExample from '../examples/typescript/adapter.ts';

export default function makeAdapter(): ReturnType<typeof makeExample> {
  const adapter = makeExample();
  const { powerCycle } = adapter;
  let programs = 0;
  adapter.powerCycle = () => {
    programs++;
    // No way out that the suite could hold up.
    if (programs === 2) process.kill(process.pid, 'SIGKILL');
    return powerCycle?.call(adapter);
  };
  return adapter;
}
