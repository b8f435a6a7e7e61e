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
  /** The namespace that is looked at; all of them if empty. */
  readonly namespace: string;
}

export type GetForm = "table" | "yaml" | "json" | "name";
