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

/** @param build the version that runs and what else tells the build */
export function versionTopic(build: JsonObject): Topic {
  return { name: "version", summary: "The build that runs.", read: () => value(build) };
}
