import type { Settings } from './settings.ts';

/** A conformant device that uses a freedom of the text. */
export interface Variant {
  id: string;
  /** One line. */
  summary: string;
  /** Which freedom of the text it uses, with clause ids. */
  justification: string;
  /** What differs from the default device. */
  settings: Partial<Settings>;
  /** SHOULD clauses that it does not meet, on purpose. */
  warns?: readonly string[];
}

export const variants: readonly Variant[] = [];
