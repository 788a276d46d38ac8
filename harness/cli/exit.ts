/** The end of the process, wanted or not. */
import { EXIT, type ExitCode } from '../../reports/exit-code.ts';
import { flush, lastWords } from './output.ts';

let wanted = false;

/** Ends the process now, whatever is under way. */
export function endNow(code: ExitCode): never {
  wanted = true;
  process.exit(code);
}

/**
 * Does the work and ends the process with its code. Node would end with 0 when nothing is left to wait for, and an
 * adapter may call process.exit: neither is a pass, so every ending that is not ours is a fault.
 */
export async function live(work: () => Promise<ExitCode>): Promise<void> {
  process.once('exit', () => {
    if (wanted) return;
    lastWords(
      'target fault (died): the process ends in the middle of the work\n' +
        '  next: look for a promise of the adapter that never settles, or a call of process.exit in it',
    );
    process.exitCode = EXIT.fault;
  });
  const code = await work();
  await flush();
  // What an adapter left running must not keep the process alive.
  endNow(code);
}
