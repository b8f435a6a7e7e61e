import { stringify } from "yaml";
import type { CollectionRegistry } from "../../model/collections.ts";
import { type ResourceName, splitName } from "../../model/names.ts";
import type { Fields } from "../status/fields.ts";
import { escapeControls } from "../terminal/escape.ts";

/** A resource as the topic `resources` shows it, in the form that people write; where it comes from is a comment. */
export function documentText(resource: Fields, registry: CollectionRegistry): string {
  const spec = registry.get(resource.text("collection"));
  const version = spec?.versions[0] ?? "v1";
  const document = {
    apiVersion: spec?.group ? `${spec.group}/${version}` : version,
    kind: spec?.kind || (resource.text("typeUrl").split(".").at(-1) ?? ""),
    metadata: metadataOf(resource),
    spec: resource.object("body").raw,
  };
  const origin = escapeControls(`${resource.text("origin")}, version ${resource.text("version")}`);
  return `# ${origin}\n${stringify(document)}`;
}

function metadataOf(resource: Fields): Readonly<Record<string, unknown>> {
  const { namespace, name } = splitName(resource.text("name") as ResourceName);
  const created = resource.text("createTime");
  return {
    name,
    ...(namespace === "" ? {} : { namespace }),
    ...(created === "" ? {} : { creationTimestamp: created }),
    ...mapOf(resource, "labels"),
    ...mapOf(resource, "annotations"),
  };
}

function mapOf(resource: Fields, field: string): Readonly<Record<string, unknown>> {
  const { raw } = resource.object(field);
  return typeof raw === "object" && raw !== null && Object.keys(raw).length > 0 ? { [field]: raw } : {};
}
