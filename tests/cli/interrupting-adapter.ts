/** The example device, on which the user presses Ctrl-C in the middle of a run. */
import makeAdapter from '../../examples/typescript/adapter.ts';

const READS_BEFORE = 2000;

export default () => {
  const adapter = makeAdapter();
  let reads = 0;
  return {
    ...adapter,
    read: (...args: Parameters<typeof adapter.read>) => {
      reads++;
      if (reads === READS_BEFORE) process.kill(process.pid, 'SIGINT');
      return adapter.read(...args);
    },
  };
};
