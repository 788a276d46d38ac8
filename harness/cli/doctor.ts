/** `conformance doctor`: tries a target step by step and says what is wrong with how it is reached. */
import pc from 'picocolors';
import { EXIT, type ExitCode } from '../../reports/exit-code.ts';
import { count, hanging } from '../../reports/text.ts';
import type { DoctorCheck, DoctorReport } from '../doctor.ts';
import { watchInterrupts } from './interrupts.ts';
import type { TargetOptions } from './options.ts';
import { divertStdout, type Io, lastWords } from './output.ts';
import { closeTarget, openBoth } from './trip.ts';

export interface DoctorCommandOptions extends TargetOptions {
  format: 'pretty' | 'json';
}

function checkLines(check: DoctorCheck, io: Io): string[] {
  const colors = pc.createColors(io.color);
  const paint = { ok: colors.green, problem: colors.red, skipped: colors.dim }[check.verdict];
  const lines = [`${paint(check.verdict.padEnd(7))}  ${colors.bold(check.title)}`];
  if (check.detail !== '') lines.push(...hanging(' '.repeat(9), check.detail, io.width));
  if (check.hint !== undefined) lines.push(...hanging(`${' '.repeat(9)}next: `, check.hint, io.width));
  return lines;
}

/** The last line: what the checks come to, and what a skip means for a run. */
function summary({ checks, ok }: DoctorReport): string {
  const number = (verdict: DoctorCheck['verdict']) => checks.filter((check) => check.verdict === verdict).length;
  const counts = `${count(checks.length, 'check')}: ${number('ok')} ok, ${number('problem')} problem, ${number('skipped')} skipped`;
  if (!ok) return `${counts}. A run would blame the device for it: solve the problem first.`;
  const skips = number('skipped') > 0 ? ' What was skipped a run may find untestable.' : '';
  return `${counts}. The target answers as it should.${skips}`;
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
      if (options.format === 'json') await io.result(`${JSON.stringify(report, null, 2)}\n`);
      else {
        const lines = report.checks.flatMap((check) => checkLines(check, io));
        await io.result(`${[...lines, '', ...hanging('', summary(report), io.width)].join('\n')}\n`);
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
