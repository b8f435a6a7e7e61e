import { deferred } from "../grpc/deferred.ts";
import type { Method, StreamHandler } from "../grpc/method.ts";
import type { Cancel } from "../lib/clock.ts";
import type { Collection } from "../model/names.ts";
import type { ServingDeps, SinkStream } from "../serving/sink-stream.ts";
import { SinkStreams } from "../serving/sink-streams.ts";
import type { Protocol, SinkView } from "../serving/view.ts";
import { Conversation } from "./conversation.ts";
import { delta } from "./delta.ts";
import { XdsFeeds, type XdsFeedsOptions } from "./feeds/feeds.ts";
import { areRulesLoaded, loadRules } from "./feeds/rules.ts";
import { DELTA, STATE_OF_THE_WORLD } from "./protocol.ts";
import { ResponseEncoder } from "./response.ts";
import { stateOfTheWorld } from "./state.ts";
import { XdsStream } from "./stream.ts";

export interface XdsServiceDeps extends Omit<ServingDeps, "encode">, XdsFeedsOptions {
  /** How long an answer is waited for while there is something newer to send, milliseconds. */
  readonly answerMs?: number;
}

/** Long enough for an istiod that rebuilds its world; some responses are never answered at all. */
const ANSWER_MS = 30_000;

/** How often streams are looked at for that, milliseconds. */
const SWEEP_MS = 1_000;

/** `envoy.service.discovery.v3.AggregatedDiscoveryService`, serving Istio's configuration to any number of clients. */
export class XdsService implements Disposable {
  /** Both methods, to be offered on any number of listeners. */
  readonly methods: readonly Method[];
  readonly #feeds: XdsFeeds;
  readonly #states: SinkStreams;
  readonly #deltas: SinkStreams;
  readonly #stopSweep: Cancel;

  constructor(deps: XdsServiceDeps) {
    const encoder = new ResponseEncoder();
    this.#feeds = new XdsFeeds(deps);
    const conversation = { feeds: this.#feeds };
    this.#states = new SinkStreams({ ...deps, encode: (feed, push) => encoder.encodeState(feed, push) });
    this.#deltas = new SinkStreams({ ...deps, encode: (feed, push) => encoder.encodeDelta(feed, push) });
    this.methods = [
      methodOf(
        STATE_OF_THE_WORLD,
        this.#states,
        "xds",
        (sink) => new XdsStream(stateOfTheWorld, sink, new Conversation(conversation, sink)),
      ),
      methodOf(
        DELTA,
        this.#deltas,
        "delta-xds",
        (sink) => new XdsStream(delta, sink, new Conversation(conversation, sink)),
      ),
    ].map(withRules);
    this.#stopSweep = this.#sweep(deps);
  }

  get sinkCount(): number {
    return this.#states.size + this.#deltas.size;
  }

  /** The connected clients: one list for each method, each in the order in which they came. */
  sinkLists(): readonly Iterable<SinkView>[] {
    return [this.#states.views(), this.#deltas.views()];
  }

  /** How many streams subscribe to a collection. */
  subscriptions(collection: Collection): number {
    return this.#feeds.subscriptions(collection);
  }

  /** When the oldest push that no answer has come for was sent, as `Clock.now` told; `undefined` when none waits. */
  oldestUnanswered(): number | undefined {
    const [state, delta] = [this.#states.oldestUnanswered(), this.#deltas.oldestUnanswered()];
    return state === undefined || delta === undefined ? (state ?? delta) : Math.min(state, delta);
  }

  /** Ends streams whose clients have owed an answer since before this time (`Clock.now`). */
  endUnanswered(before: number): void {
    this.#states.endUnanswered(before);
    this.#deltas.endUnanswered(before);
  }

  /** Ends every stream with UNAVAILABLE; clients come back by themselves. */
  cancelWatches(): void {
    this.#states.endAll();
    this.#deltas.endAll();
  }

  /** Stops what runs by itself; streams end with their transport. */
  [Symbol.dispose](): void {
    this.#stopSweep();
    this.#feeds[Symbol.dispose]();
  }

  #sweep({ clock, answerMs = ANSWER_MS }: XdsServiceDeps): Cancel {
    let cancel: Cancel = () => undefined;
    const look = (): void => {
      const before = clock.now() - answerMs;
      this.#states.giveUpUnanswered(before);
      this.#deltas.giveUpUnanswered(before);
      cancel = clock.schedule(SWEEP_MS, look);
    };
    cancel = clock.schedule(SWEEP_MS, look);
    return () => cancel();
  }
}

function methodOf(
  path: string,
  streams: SinkStreams,
  protocol: Protocol,
  speak: (sink: SinkStream) => StreamHandler,
): Method {
  return {
    path,
    open(stream) {
      stream.sendHeaders();
      return streams.open(stream, protocol, speak);
    },
  };
}

/** The method, whose first callers wait until the rules are loaded. */
function withRules(method: Method): Method {
  const { path } = method;
  const waiting = deferred(path, async () => {
    await loadRules();
    return method;
  });
  return { path, open: (stream) => (areRulesLoaded() ? method : waiting).open(stream) };
}
