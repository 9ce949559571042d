import buffer from 'node:buffer';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';
import perfHooks from 'node:perf_hooks';

type MarkOptions = NonNullable<Parameters<typeof performance.mark>[1]>;
type MeasureOptions = Exclude<Parameters<typeof performance.measure>[1], string | undefined>;
type Getter = (this: unknown) => unknown;

/**
 * Replaces the clocks of this thread that `@sinonjs/fake-timers` does not, or replaces with stubs: `performance`'s marks,
 * `process.uptime`, dates that default to now (`Intl.DateTimeFormat`, `File`), `Event.timeStamp`, and the timeout of sockets.
 * Call it when `Date`, `setTimeout` and `performance.now` are virtual already.
 */
export function replaceOtherClocks(): void {
  replacePerformance();
  process.uptime = () => performance.now() / 1000;
  replaceFormats();
  replaceTimeStamp();
  replaceFileDates();
  replaceSocketTimeout();
  syncBuiltinESMExports();
}

/** Gives this thread's own `performance` virtual times, so that its timeline and observers keep working. */
function replacePerformance(): void {
  const { now, timeOrigin } = performance;
  const own = perfHooks.performance;
  const { mark, measure, toJSON } = own;
  const replaced = {
    now,
    timeOrigin,
    mark: (name: string, options?: MarkOptions) =>
      mark.call(own, name, { ...options, startTime: options?.startTime ?? now() }),
    measure: (name: string, start?: string | MeasureOptions | null, end?: string) => {
      const span: MeasureOptions = start !== null && typeof start === 'object' ? { ...start } : withoutGaps(start, end);
      const isWhole = span.end !== undefined || span.duration !== undefined;
      return measure.call(own, name, isWhole ? span : { ...span, end: now() });
    },
    toJSON: () => ({ ...(toJSON.call(own) as object), timeOrigin }),
  };
  for (const [name, value] of Object.entries(replaced)) define(own, name, value);
  define(globalThis, 'performance', own);
}

function withoutGaps(start: string | null | undefined, end: string | undefined): MeasureOptions {
  return { ...(typeof start === 'string' && { start }), ...(end !== undefined && { end }) };
}

function replaceFormats(): void {
  const { prototype } = Intl.DateTimeFormat;
  type Format = (date?: Date | number) => unknown;
  const formats = new WeakMap<object, Format>();
  const getFormat = Object.getOwnPropertyDescriptor(prototype, 'format')!.get as (this: unknown) => Format;
  Object.defineProperty(prototype, 'format', {
    configurable: true,
    get(this: object) {
      const known = formats.get(this);
      if (known) return known;
      const real = getFormat.call(this);
      const format: Format = (date) => real(date === undefined ? Date.now() : date);
      formats.set(this, format);
      return format;
    },
  });
  const { formatToParts } = prototype;
  define(prototype, 'formatToParts', function parts(this: Intl.DateTimeFormat, date?: Date | number) {
    return formatToParts.call(this, date === undefined ? Date.now() : date);
  });
}

/** An event is first looked at by its listeners, at the instant of its creation. */
function replaceTimeStamp(): void {
  const seen = new WeakMap<object, number>();
  const { get } = Object.getOwnPropertyDescriptor(Event.prototype, 'timeStamp') as { get: Getter };
  Object.defineProperty(Event.prototype, 'timeStamp', {
    configurable: true,
    enumerable: true,
    get(this: object) {
      // Throws for anything but an event.
      get.call(this);
      const at = seen.get(this) ?? performance.now();
      seen.set(this, at);
      return at;
    },
  });
}

function replaceFileDates(): void {
  const dated = new Proxy(buffer.File, {
    construct(target, [bits, name, options]: ConstructorParameters<typeof File>, newTarget) {
      const lastModified = options?.lastModified ?? Date.now();
      return Reflect.construct(target, [bits, name, { ...options, lastModified }], newTarget) as File;
    },
  });
  define(buffer.File.prototype, 'constructor', dated);
  define(buffer, 'File', dated);
  define(globalThis, 'File', dated);
}

/** Sockets to the provider have a timeout of their own (`interceptSockets`); this one is for sockets without a connection. */
function replaceSocketTimeout(): void {
  const timers = new WeakMap<Socket, NodeJS.Timeout>();
  Socket.prototype.setTimeout = function setSocketTimeout(this: Socket, ms: number, act?: () => void): Socket {
    if (this.destroyed) return this;
    (this as { timeout?: number }).timeout = ms;
    clearTimeout(timers.get(this));
    const expire = (): void => {
      if (!this.destroyed) this.emit('timeout');
    };
    if (ms > 0) timers.set(this, setTimeout(expire, ms));
    if (act && ms > 0) this.once('timeout', act);
    else if (act) this.off('timeout', act);
    return this;
  };
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
}
