const tag = { oid: 0x06, octets: 0x04, extensions: 0xa3, uri: 0x86 } as const;

/** Object identifier 2.5.29.17, subjectAltName, in DER. */
const subjectAltName = Buffer.from([0x55, 0x1d, 0x11]);

interface Element {
  readonly tag: number;
  readonly body: Uint8Array;
}

/**
 * The URIs among the subject alternative names of an X.509 certificate, read from its DER bytes: the textual form that Node
 * offers has been ambiguous before (CVE-2021-44532). A certificate that doesn't parse has none, and a URI with anything but
 * printable ASCII is left out.
 */
export function uriNames(certificate: Uint8Array): readonly string[] {
  const toBeSigned = elements(elements(certificate)[0]?.body)[0];
  const wrapper = elements(toBeSigned?.body).find((element) => element.tag === tag.extensions);
  for (const extension of elements(elements(wrapper?.body)[0]?.body)) {
    const parts = elements(extension.body);
    const [id] = parts;
    if (id?.tag === tag.oid && subjectAltName.equals(id.body)) return urisIn(parts.at(-1));
  }
  return [];
}

function urisIn(value: Element | undefined): readonly string[] {
  if (value?.tag !== tag.octets) return [];
  const names = elements(elements(value.body)[0]?.body);
  const uris = names.filter(({ tag: kind, body }) => kind === tag.uri && body.length > 0 && body.every(isPrintable));
  // Mapped last: what is filtered keeps room for sixteen more.
  return uris.map(({ body }) => Buffer.from(body).toString("latin1"));
}

function isPrintable(byte: number): boolean {
  return byte >= 0x21 && byte <= 0x7e;
}

/** The elements that stand one after another in DER bytes; none when anything about them is malformed. */
function elements(bytes: Uint8Array | undefined): readonly Element[] {
  const found: Element[] = [];
  let at = 0;
  while (bytes !== undefined && at < bytes.length) {
    const size = lengthAt(bytes, at + 1);
    // The low five bits all set announce a tag of several bytes, which certificates don't use.
    if (size === undefined || (bytes[at]! & 0x1f) === 0x1f || size.bodyAt + size.length > bytes.length) return [];
    found.push({ tag: bytes[at]!, body: bytes.subarray(size.bodyAt, size.bodyAt + size.length) });
    at = size.bodyAt + size.length;
  }
  return found;
}

function lengthAt(bytes: Uint8Array, at: number): { readonly length: number; readonly bodyAt: number } | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 0x80) return { length: first, bodyAt: at + 1 };
  const size = first & 0x7f;
  if (size === 0 || size > 3 || at + 1 + size > bytes.length) return undefined;
  let length = 0;
  for (let i = 1; i <= size; i++) length = length * 256 + bytes[at + i]!;
  return { length, bodyAt: at + 1 + size };
}
