/** One line for each figure, with the aim it has. */
import type { Comparison } from './measure.ts';

export interface Figure {
  title: string;
  value: string;
  aim: string;
  met: boolean;
  /** What the value was made from. */
  from: string;
}

const milliseconds = (value: number): string => (value < 100 ? value.toFixed(1) : value.toFixed(0));

export function ratio(title: string, { measured, floor, ratio: value }: Comparison, most: number): Figure {
  return {
    title,
    value: value.toFixed(2),
    aim: `at most ${most}`,
    met: value <= most,
    from: `${milliseconds(measured)} ms against ${milliseconds(floor)} ms`,
  };
}

export function bound(title: string, value: number, unit: string, below: number): Figure {
  return { title, value: `${value.toFixed(0)} ${unit}`, aim: `below ${below}`, met: value < below, from: '' };
}

/** Printed as it comes, since the next figure may take a while. */
export function print({ title, value, aim, met, from }: Figure): void {
  console.log(`${title}\n  ${value} (${aim}: ${met ? 'met' : 'not met'})${from === '' ? '' : `; ${from}`}`);
}
