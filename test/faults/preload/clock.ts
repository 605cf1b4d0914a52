/* Loaded before a process's own code: its calendar is off by FAULTS_CLOCK_OFFSET_MS. Timers and durations are not. */

const offsetMs = Number(process.env['FAULTS_CLOCK_OFFSET_MS'] ?? 0);
const RealDate = Date;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [target.now() + offsetMs] : args, newTarget) as Date,
  apply: (target) => new target(target.now() + offsetMs).toString(),
  get: (target, property, receiver) =>
    property === 'now' ? () => target.now() + offsetMs : (Reflect.get(target, property, receiver) as unknown),
});
