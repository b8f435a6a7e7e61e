/** `galley/server`: serve configuration that a program makes itself. docs/sdk.md shows how. */
export type { Pem } from "../grpc/credentials/settings.ts";
export type { Metadata } from "../grpc/metadata.ts";
export type { Credentials, CredentialsVerdict, TlsSettings } from "../grpc/tls.ts";
export type { Clock } from "../lib/clock.ts";
export type { LogFields, Logger } from "../lib/logger.ts";
export { CollectionRegistry, type CollectionSpec } from "../model/collections.ts";
export type { Collection, ResourceName, ResourceVersion } from "../model/names.ts";
export type { Issue } from "../model/parsed.ts";
export type { Place, Problem } from "../model/problem.ts";
export { istioCollections } from "../model/registry.ts";
export type { Origin, Resource, ResourceKey } from "../model/resource.ts";
export type { ListedProblem } from "../runtime/problems.ts";
export type { ResourceDocument } from "../sources/memory/document.ts";
export {
  type Edit,
  type EditVerdict,
  type JudgedDocument,
  type KeyLike,
  MemorySource,
  type MemorySourceOptions,
} from "../sources/memory/source.ts";
export type { Source, SourceBatch } from "../sources/source.ts";
export {
  type ConfigurationServer,
  type ConfigurationServerOptions,
  serveConfiguration,
} from "./serve-configuration.ts";
