import type { CollectionRegistry } from "../../model/collections.ts";
import type { Environment } from "../options/environment.ts";
import type { AdminApi } from "../status/admin-api.ts";
import type { CliIo } from "../terminal/io.ts";

/** What `galley get` works with. */
export interface GetTask {
  readonly api: AdminApi;
  readonly registry: CollectionRegistry;
  readonly io: CliIo;
  readonly env: Environment;
}

export type GetForm = "table" | "yaml" | "json";
