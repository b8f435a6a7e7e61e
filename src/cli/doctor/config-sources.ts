import type { YamlPath } from "../../lib/yaml/locate.ts";
import { shorten } from "../terminal/escape.ts";
import { readAddress, type SourceAddress } from "./source-address.ts";

/** One of `configSources`, as istiod reads it. */
export interface ConfigSource {
  readonly path: YamlPath;
  readonly addressPath: YamlPath;
  /** The address as written, cut where it is absurdly long; empty where there is none. */
  readonly text: string;
  readonly address: SourceAddress;
  readonly tls: TlsSettings | undefined;
}

/** Modes by their numbers in the API: JSON may have those instead. */
const tlsModes = ["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"] as const;
type TlsMode = (typeof tlsModes)[number];

/** The `tlsSettings` of a source. Texts that aren't given are empty. */
export interface TlsSettings {
  readonly path: YamlPath;
  /** Where the mode stands, or would have to. */
  readonly modePath: YamlPath;
  /** Undefined where none is given, which means DISABLE. */
  readonly mode: TlsMode | undefined;
  readonly clientCertificate: string;
  readonly privateKey: string;
  readonly caCertificates: string;
  readonly caCrl: string;
  readonly credentialName: string;
  readonly sni: string;
  readonly subjectAltNames: readonly string[];
  readonly insecureSkipVerify: boolean;
}

/** A mesh config as parsers of JSON and YAML give it. */
export type MeshObject = Readonly<Record<string, unknown>>;

/** How many sources the mesh config lists; undefined where that is no list. A list that isn't there is empty. */
export function countConfigSources(mesh: MeshObject): number | undefined {
  const value = pick(mesh, "configSources")?.value ?? [];
  return Array.isArray(value) ? value.length : undefined;
}

/** Sources that are looked at; a mesh has one or two. */
export const MOST_SOURCES = 100;

/** The sources in their order, as many as are looked at. What is not of the right type counts as absent: the check of values speaks of that. */
export function readConfigSources(mesh: MeshObject): readonly ConfigSource[] {
  const given = pick(mesh, "configSources");
  if (given === undefined || !Array.isArray(given.value)) return [];
  return given.value.slice(0, MOST_SOURCES).map((entry: unknown, index) => readSource(entry, [given.key, index]));
}

function readSource(entry: unknown, path: YamlPath): ConfigSource {
  const address = pick(entry, "address");
  const text = textOf(address?.value);
  const tls = pick(entry, "tlsSettings");
  return {
    path,
    addressPath: address === undefined ? path : [...path, address.key],
    text: shorten(text, 200),
    address: readAddress(text),
    tls: tls === undefined ? undefined : readTls(tls.value, [...path, tls.key]),
  };
}

function readTls(settings: unknown, path: YamlPath): TlsSettings {
  const text = (name: string): string => textOf(pick(settings, name)?.value);
  const mode = pick(settings, "mode")?.value;
  const names = pick(settings, "subjectAltNames")?.value;
  return {
    path,
    modePath: mode === undefined ? path : [...path, "mode"],
    mode: tlsModes.find((name, number) => mode === name || mode === number),
    clientCertificate: text("clientCertificate"),
    privateKey: text("privateKey"),
    caCertificates: text("caCertificates"),
    caCrl: text("caCrl"),
    credentialName: text("credentialName"),
    sni: text("sni"),
    subjectAltNames: Array.isArray(names) ? names.filter((name) => typeof name === "string") : [],
    insecureSkipVerify: readSwitch(pick(settings, "insecureSkipVerify")?.value),
  };
}

/** A wrapped boolean: older releases of istiod show it as an object. */
function readSwitch(value: unknown): boolean {
  return value === true || pick(value, "value")?.value === true;
}

/** The discovery selectors, and where they stand; none where there are none. */
export function readSelectors(mesh: MeshObject): { readonly path: YamlPath; readonly count: number } | undefined {
  const given = pick(mesh, "discoverySelectors");
  if (given === undefined || !Array.isArray(given.value) || given.value.length === 0) return undefined;
  return { path: [given.key], count: given.value.length };
}

interface Picked {
  /** As it is written: JSON of protobuf takes two spellings. */
  readonly key: string;
  readonly value: unknown;
}

function pick(object: unknown, name: string): Picked | undefined {
  if (typeof object !== "object" || object === null) return undefined;
  const snake = name.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
  const key = [name, snake].find((one) => Object.hasOwn(object, one));
  const value = key === undefined ? undefined : (object as MeshObject)[key];
  return key === undefined || value === undefined || value === null ? undefined : { key, value };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
