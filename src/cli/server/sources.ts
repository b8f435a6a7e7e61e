import type { Clock } from "../../lib/clock.ts";
import type { CollectionRegistry } from "../../model/collections.ts";
import { openCache } from "../../sources/fs/cache/store.ts";
import { createFileSource, type FileSource } from "../../sources/fs/source.ts";
import { istioDecoding } from "../../sources/fs/workers/istio-decoding.ts";
import { readerThreads } from "../../sources/fs/workers/threads.ts";
import { createMeshSource } from "../../sources/mesh/source.ts";
import type { Source } from "../../sources/source.ts";
import type { CommandSettings } from "../command/command.ts";
import type { Log } from "../log/log.ts";
import type { ServerOptions } from "../options/table.ts";

export interface SourcesDeps {
  readonly settings: CommandSettings<ServerOptions>;
  /** Every collection that there is. */
  readonly known: CollectionRegistry;
  /** Those that are read and served. */
  readonly served: CollectionRegistry;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where the configuration comes from, as the settings say. */
export interface Sources {
  /** In order of precedence. */
  readonly all: readonly Source[];
  readonly files: FileSource;
}

export function createSources({ settings, known, served, clock, log }: SourcesDeps): Sources {
  const { values } = settings;
  const logger = log.logger.scope("source");
  const { decode, recipe } = istioDecoding(served);
  const cache = values.cacheDir === "" ? undefined : openCache(values.cacheDir, recipe.argument, logger);
  const files = createFileSource({
    root: values.configPath,
    decode,
    help: readerThreads(recipe),
    cache,
    clock,
    log: logger,
  });
  const mesh = createMeshSource({
    file: values.meshConfigFile,
    expected: settings.isGiven("meshConfigFile"),
    collection: known.get("istio/mesh/v1alpha1/MeshConfig")!,
    clock,
    cache,
  });
  return { all: [mesh, files], files };
}
