/** What a driver can be named by; shown in the help and where a name is none. */
export const DRIVER_SYNTAX = [
  './driver.ts                        a module that exports a driver (also .js .mts .mjs .cts .cjs)',
  'exec:COMMAND LINE                  a program that asks by the line protocol for drivers on its standard output',
  'unix:PATH                          the same on a unix socket',
  'tcp:HOST:PORT                      the same on a TCP socket',
  'trace:FILE                         a recorded log: QEMU, Linux mmiotrace, or NDJSON',
  'qemu:...                           a real guest in QEMU that gets the device in one of its slots',
  'reference[:variant=ID][:fault=ID]  the reference driver, as it is, in a variant or with a deliberate fault',
];
