import { getHeapStatistics } from "node:v8";

import type { JsonObject } from "../json.ts";
import { listingOf } from "../listing.ts";
import type { Entry } from "../listing.ts";
import { list, value } from "../topic.ts";
import type { Topic } from "../topic.ts";

/** A setting in force. */
export interface SettingView {
  readonly name: string;
  readonly value: string;
  /** Where the value came from, such as `flag --insecure` or `default`. */
  readonly from: string;
  /** Its value is never shown. */
  readonly secret: boolean;
}

export function settingsTopic(settings: () => Iterable<SettingView>): Topic {
  return {
    name: "settings",
    summary: "The settings in force, and where each value came from. Secrets are not shown.",
    read: () => list(listingOf([...settings()].map(settingEntry))),
  };
}

function settingEntry({ name, value, from, secret }: SettingView): Entry {
  return { key: name, show: () => ({ name, value: secret ? "(secret)" : value, from }) };
}

/** The memory of the process, bytes. */
export function memoryTopic(): Topic {
  return {
    name: "memory",
    summary: "What the process uses of memory, in bytes.",
    read() {
      const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
      const { heap_size_limit: heapLimit } = getHeapStatistics();
      return value({ resident: rss, heapUsed, heapTotal, heapLimit, external, arrayBuffers });
    },
  };
}

/** How late the event loop ran of late, seconds. */
export interface EventLoopDelayView {
  readonly median: number;
  readonly p99: number;
  readonly worst: number;
}

/** How late the event loop runs: a process that is late is late for every sink. */
export function eventLoopTopic(read: () => EventLoopDelayView): Topic {
  return {
    name: "event-loop",
    summary: "How late the event loop ran in the last ten seconds, in milliseconds.",
    read: () => value(showDelay(read())),
  };
}

/** What weighs on the process: the heap in bytes, and how late its event loop runs. */
export interface LoadView {
  readonly heapUsed: number;
  readonly heapLimit: number;
  readonly eventLoop: EventLoopDelayView;
}

/** The load of this process. */
export function readLoad(eventLoop: EventLoopDelayView): LoadView {
  return { heapUsed: process.memoryUsage().heapUsed, heapLimit: getHeapStatistics().heap_size_limit, eventLoop };
}

export function showLoad({ heapUsed, heapLimit, eventLoop }: LoadView): JsonObject {
  return { heapUsed, heapLimit, eventLoop: showDelay(eventLoop) };
}

function showDelay({ median, p99, worst }: EventLoopDelayView): JsonObject {
  return { medianMs: milliseconds(median), p99Ms: milliseconds(p99), worstMs: milliseconds(worst) };
}

/** To the tenth: more can't be measured. */
function milliseconds(seconds: number): number {
  return Math.round(seconds * 10_000) / 10;
}

/** @param build the version that runs and what else tells the build */
export function versionTopic(build: JsonObject): Topic {
  return { name: "version", summary: "The build that runs.", read: () => value(build) };
}
