/** What a run is where nobody says otherwise; on the command line and in test runners alike. */
export const DEFAULT_TARGET = 'reference';
export const DEFAULT_LAYOUT = 'native';
/** Fixed, so that two runs of the same command are the same run; `--seed random` tries something new. */
export const DEFAULT_SEED = 1;
export const DEFAULT_RUNS = 200;
