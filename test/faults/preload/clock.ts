/* Loaded before the code of a process. Shifts `Date` by FAULT_CLOCK_OFFSET_MS; timers and durations are not affected. */

const offsetMs = Number(process.env['FAULT_CLOCK_OFFSET_MS'] ?? 0);
const RealDate = Date;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [target.now() + offsetMs] : args, newTarget) as Date,
  apply: (target) => new target(target.now() + offsetMs).toString(),
  get: (target, property, receiver) =>
    property === 'now' ? () => target.now() + offsetMs : (Reflect.get(target, property, receiver) as unknown),
});
