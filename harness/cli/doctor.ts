/** `conformance doctor`: tries a target step by step and says what is wrong with how it is reached. */
import pc from 'picocolors';
import { EXIT, type ExitCode } from '../../reports/exit-code.ts';
import { hanging } from '../../reports/text.ts';
import { watchInterrupts } from './interrupts.ts';
import type { TargetOptions } from './options.ts';
import { divertStdout, type Io, lastWords } from './output.ts';
import { closeTarget, openBoth } from './trip.ts';

export interface DoctorCommandOptions extends TargetOptions {
  format: 'pretty' | 'json';
}

interface Check {
  title: string;
  verdict: 'ok' | 'problem' | 'skipped';
  detail: string;
  hint?: string;
}

function checkLines(check: Check, io: Io): string[] {
  const colors = pc.createColors(io.color);
  const paint = { ok: colors.green, problem: colors.red, skipped: colors.dim }[check.verdict];
  const lines = [`${paint(check.verdict.padEnd(7))}  ${colors.bold(check.title)}`];
  if (check.detail !== '') lines.push(...hanging(' '.repeat(9), check.detail, io.width));
  if (check.hint !== undefined) lines.push(...hanging(`${' '.repeat(9)}next: `, check.hint, io.width));
  return lines;
}

export async function doctorCommand(options: DoctorCommandOptions, io: Io): Promise<ExitCode> {
  const interrupts = watchInterrupts(
    () => undefined,
    () => lastWords('interrupted'),
  );
  const undivert = divertStdout();
  try {
    const { layout, target } = await interrupts.orInterrupted(openBoth(options, io));
    try {
      const { diagnose } = await import('../doctor.ts');
      const report = await interrupts.orInterrupted(diagnose(target, layout));
      const problems = report.checks.filter((check) => check.verdict === 'problem').length;
      if (options.format === 'json') await io.result(`${JSON.stringify(report, null, 2)}\n`);
      else {
        const last = report.ok
          ? 'The target answers as it should.'
          : `${problems} of ${report.checks.length} checks found a problem.`;
        await io.result(`${[...report.checks.flatMap((check) => checkLines(check, io)), '', last].join('\n')}\n`);
      }
      return report.ok ? EXIT.conformant : EXIT.fault;
    } finally {
      await closeTarget(target, io);
    }
  } finally {
    undivert();
    interrupts.release();
  }
}
