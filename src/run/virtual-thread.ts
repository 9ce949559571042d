import { QuotaLabError } from '../../mock-server/error.ts';
import { randomFor } from '../../mock-server/random.ts';
import type { Redactor } from '../../mock-server/redaction/redactor.ts';
import { createJoiner } from '../attribution/joiner.ts';
import { callTags } from '../client/call-tags.ts';
import type { Client } from '../client/client.ts';
import { clientError } from '../client/client-module.ts';
import { guardHosts } from '../client/host-guard.ts';
import { createHostRule } from '../client/host-rule.ts';
import { separateReplicas } from '../client/replica-imports.ts';
import { allowTypeScriptImports } from '../client/typescript-imports.ts';
import { replaceAtomicsWaits } from '../clock/atomics-waits.ts';
import { createIdleWait, RealIoWait } from '../clock/idle-wait.ts';
import { refuseRealWaits } from '../clock/refuse-real-waits.ts';
import { seedGlobals } from '../clock/seeded-globals.ts';
import { Deadlock, installVirtualClock, type VirtualClock } from '../clock/virtual-clock.ts';
import { formatRecord } from '../journal/journal-writer.ts';
import type { EndRecord } from '../journal/record.ts';
import { planOf } from '../load/executors.ts';
import { hasFleet } from '../scenario/fleet.ts';
import { createCallBuilder } from './call-builder.ts';
import { drive } from './drive.ts';
import { Fleet } from './fleet.ts';
import { createHeader } from './header.ts';
import { createInstantRecorder, type InstantRecorder } from './instant-recorder.ts';
import { moduleOf } from './module-of.ts';
import { redactRecordsWith } from './run-redactor.ts';
import type { RunnerLink, VirtualSettings } from './runner-link.ts';
import { importVirtualClients, replaceEnvironment, separateEnvironments, whileChanging } from './virtual-fleet.ts';
import { interceptNetwork, type ThreadProvider } from './virtual-network.ts';

const S_US = 1_000_000;
/** An import that takes longer never ends: an endless loop with sleeps, for example. In virtual time. */
const MAX_IMPORT_US = 3600 * S_US;
/** Interval between progress reports, in milliseconds of machine time. */
const PROGRESS_MS = 100;

/**
 * The client, the load and the provider of a run in virtual time. Creating it replaces the clocks, the network and the
 * randomness of this thread permanently; `run` then imports the client and drives the load.
 */
export class VirtualThread {
  readonly #settings: VirtualSettings;
  readonly #providers: readonly ThreadProvider[];
  readonly #runner: RunnerLink;
  readonly #realNow = performance.now.bind(performance);
  readonly #waitUntilIdle: () => Promise<number>;
  readonly #clock: VirtualClock;
  readonly #tags = callTags();
  readonly #joiner = createJoiner();
  readonly #recorder: InstantRecorder;
  readonly #closeNetwork: () => void;
  /** Aborts when the run is over. */
  readonly #over = new AbortController();
  /** Rejects when the client leaves virtual time. */
  readonly #departure = Promise.withResolvers<never>();
  /** How the client left virtual time first: a call, or a connection to another host than the provider. */
  #departedBy: string | undefined;
  /** Lines of the journal that the runner does not have yet. */
  #lines = '';
  #startedUs = 0;
  #crashed = false;

  constructor(settings: VirtualSettings, providers: readonly ThreadProvider[], runner: RunnerLink, redactor: Redactor) {
    this.#settings = settings;
    this.#providers = providers;
    this.#runner = runner;
    replaceEnvironment(settings.env);
    this.#waitUntilIdle = createIdleWait(
      { nowMs: () => this.#clock.nowMs(), readCount: () => this.#clock.readCount() },
      (text) => runner.send({ type: 'note', text }),
      () => void Atomics.add(settings.heartbeat, 0, 1),
    );
    const isFleet = hasFleet(settings.scenario);
    this.#clock = installVirtualClock(settings.scenario.startUs, isFleet ? this.#mayRun : undefined);
    const redact = redactRecordsWith(redactor);
    this.#recorder = createInstantRecorder(this.#clock.nowUs, this.#joiner.join, (record) => {
      this.#lines += formatRecord(redact(record));
    });
    replaceAtomicsWaits(this.#clock.block);
    refuseRealWaits((what) => this.#depart(what));
    this.#closeNetwork = this.#interceptNetwork();
    this.#seedRandomness();
    allowTypeScriptImports();
    if (isFleet) {
      separateReplicas(() => this.#tags.current()?.replica);
      separateEnvironments(this.#tags);
    }
    this.#handleExit();
  }

  /** Imports the client, runs the load, and reports how it ended. */
  async run(): Promise<void> {
    const departure = this.#departure.promise;
    try {
      const { scenario } = this.#settings;
      const imported = importVirtualClients(scenario, {
        clock: this.#clock,
        tags: this.#tags,
        over: this.#over.signal,
        onChange: this.#recorder.write,
      });
      const { promise: never, reject } = Promise.withResolvers<never>();
      const cancel = this.#clock.at(this.#clock.nowUs() + MAX_IMPORT_US, () => reject(new Deadlock()));
      const client = await this.#clock.run(Promise.race([imported, departure, never]), this.#waitUntilIdle);
      cancel();
      this.#runner.send({ type: 'ready' });
      const over = Promise.race([this.#runLoad(client), departure]);
      const end = await this.#clock.run(over, this.#waitUntilIdle, this.#createOnJump());
      this.#flush('settled');
      this.#runner.send({ type: 'end', end });
    } catch (error) {
      this.#flush('settled');
      this.#runner.fail(this.#toQuotaLabError(error));
    }
  }

  #depart(what: string): void {
    this.#departedBy ??= what;
    this.#departure.reject(new RealIoWait(what));
  }

  /** Timers of a replica that has ended do not run. */
  readonly #mayRun = (): boolean => this.#tags.current()?.replica?.isStopped !== true;

  #interceptNetwork(): () => void {
    const { allowHosts, host, port, fetchThrough } = this.#settings;
    guardHosts(createHostRule(allowHosts), (target) => this.#depart(`a connection to ${target}`));
    return interceptNetwork(this.#providers, {
      clock: this.#clock,
      onExchange: this.#recorder.attempt,
      tags: this.#tags,
      host,
      port,
      fetchThrough,
    });
  }

  /** Seeds the client's random numbers per call, so that they do not depend on the order of calls at one instant. */
  #seedRandomness(): void {
    const { seed } = this.#settings.scenario;
    const drawOutsideCalls = randomFor(seed, 'client');
    seedGlobals(() => {
      const call = this.#tags.current();
      if (call?.draw) return call.draw();
      if (call?.id === undefined) return drawOutsideCalls();
      call.draw ??= randomFor(seed, `client:${call.id}`);
      return call.draw();
    });
  }

  #handleExit(): void {
    process.on('exit', () => this.#flush('settled'));
    process.on('uncaughtException', (error: Error) => {
      // A client may have its own handler.
      if (process.listenerCount('uncaughtException') > 1) return;
      this.#crashed = true;
      this.#flush('settled');
      const message = `${moduleOf(this.#settings.scenario)} threw outside any call: ${error.message}`;
      this.#runner.fail(new QuotaLabError('client/crashed', message));
    });
  }

  async #runLoad(client: Pick<Client, 'call'> | Fleet): Promise<EndRecord> {
    const { scenario, tool } = this.#settings;
    const clock = this.#clock;
    const recorder = this.#recorder;
    const startedUs = clock.nowUs();
    this.#startedUs = startedUs;
    for (const { provider } of this.#providers) provider.start(startedUs);
    recorder.begin(startedUs);
    this.#lines += formatRecord(createHeader(scenario, tool, startedUs));
    this.#flush('progress');
    const changes = client instanceof Fleet ? client.run(startedUs, this.#over.signal) : undefined;
    const driven = drive(scenario.load.map(planOf), {
      clock,
      startedUs,
      waitTurn: recorder.orderByVu(clock.afterInstant),
      joiner: this.#joiner,
      client,
      random: (purpose) => randomFor(scenario.seed, purpose),
      buildCall: createCallBuilder(scenario),
      record: recorder.write,
      stop: this.#runner.stop,
    });
    await (changes ? whileChanging(driven, changes) : driven);
    const endUs = clock.nowUs() - startedUs;
    // Close the network first, so that attempts cut off by the end of the run are not recorded as aborted by the client.
    this.#closeNetwork();
    this.#over.abort();
    const { stopped } = this.#runner;
    return { type: 'end', endUs, ...(stopped && { stopped }) };
  }

  /** Runs between two steps of the clock: reports progress, and pauses each second for the decision of the runner. */
  #createOnJump(): () => Promise<void> | undefined {
    const clock = this.#clock;
    const { pausesEachSecond } = this.#settings;
    let lastProgressMs = this.#realNow();
    let checkUs = clock.nowUs() + S_US;
    const scheduleCheck = (): void => void clock.at(checkUs, () => undefined);
    if (pausesEachSecond) scheduleCheck();
    return () => {
      // The thread is about to be terminated: stop the clock.
      if (this.#crashed) return new Promise(() => {});
      if (pausesEachSecond && clock.nowUs() >= checkUs) {
        checkUs += S_US;
        scheduleCheck();
        this.#flush('check');
        return this.#runner.waitForReply();
      }
      if (this.#realNow() - lastProgressMs > PROGRESS_MS) {
        lastProgressMs = this.#realNow();
        this.#flush('progress');
      }
      return undefined;
    };
  }

  /** Sends lines to the runner. `progress` holds back the records of the current instant, whose order is not final yet. */
  #flush(when: 'progress' | 'check' | 'settled'): void {
    if (when !== 'progress') this.#recorder.settle();
    const lines = this.#lines;
    this.#lines = '';
    const pausesForCheck = when === 'check';
    const elapsedUs = this.#clock.nowUs() - this.#startedUs;
    if (lines !== '' || pausesForCheck) this.#runner.send({ type: 'lines', lines, elapsedUs, pausesForCheck });
  }

  #toQuotaLabError(error: unknown): QuotaLabError {
    const module = moduleOf(this.#settings.scenario);
    if (error instanceof QuotaLabError) return error;
    if (error instanceof RealIoWait) {
      const what = this.#departedBy ?? error.what;
      return clientError('client/outside-virtual-time', `${module} leaves virtual time: it waits for ${what}`, {
        message: `waits for ${what}, which virtual time cannot simulate`,
        hint: 'run it with time: wall',
      });
    }
    if (error instanceof Deadlock) {
      return clientError('client/never-ready', `${module} waits for an event that never happens`, {
        message: 'its import never completes',
        hint: 'check its top-level awaits',
      });
    }
    throw error;
  }
}
