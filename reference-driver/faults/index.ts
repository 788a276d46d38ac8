export const faults: readonly import('./fault.ts').Fault[] = [];
