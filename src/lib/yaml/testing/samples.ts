import fc from "fast-check";

/** Manifests as people write them, for tests. */
export const someYaml: readonly string[] = [
  `apiVersion: networking.istio.io/v1alpha3
kind: ServiceEntry
metadata:
  name: external-svc-1234
  namespace: team-12
  labels:
    app: external
    "istio.io/rev": default
  annotations: {}
spec:
  hosts:
  - svc-1234.example.com
  addresses: [10.12.34.56/32, "10.0.0.0/8"]
  ports:
  - number: 443
    name: https
    protocol: HTTPS
  - number: 0x50
    name: 'it''s'
  location: MESH_EXTERNAL
  resolution: STATIC
  endpoints: []
`,
  `# A gateway
apiVersion: networking.istio.io/v1alpha3
kind: Gateway   # the kind
metadata:
    name: gw

    creationTimestamp: 2020-01-31T12:00:00Z
spec:
    selector: # which
        istio: ingressgateway
    servers:
        - port:
            number: 80
          hosts:
            - "*"
            - "a\\tb\\u00e9"
        -
          port: {  }
        - - nested
          - list
        -
        - plain-key: with a value
    empty:
    no: yes
`,
  `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {}
spec:
  inline: |
    function f()
      -- comment

    # not a comment
    end
  folded: >-
    one
    two

      more
    three
  kept: |+
    text

  last: |
     -----BEGIN CERTIFICATE-----
     MIIB
     -----END CERTIFICATE-----
`,
  `- a: 1
- b:
  - c
  - d: -1.5
    e: http://x:80/path#frag
- x: 'çödé'
- 80: x
`,
];

/** Values written out with the freedom that YAML gives: quotes, indentation, comments, blank lines, flow and block scalars. */
export const yamlInManyStyles: fc.Arbitrary<string> = fc
  .infiniteStream(fc.nat({ max: 999 }))
  .map((choices) => `${new Writer(choices).node(0, 0)}\n`);

class Writer {
  readonly #choices: Iterator<number>;

  constructor(choices: Iterator<number>) {
    this.#choices = choices;
  }

  #pick<T>(options: readonly T[]): T {
    return options[(this.#choices.next().value as number) % options.length]!;
  }

  node(indent: number, depth: number): string {
    return this.#pick([true, true, false]) ? this.#mapping(indent, depth) : this.#list(indent, depth);
  }

  #mapping(indent: number, depth: number): string {
    const keys = ["a", "b-c", "d.e/f", "on", "80", "'q k'", '"d"', "x_y", "ключ"];
    const lines = Array.from({ length: this.#pick([1, 1, 2, 3]) }, (_, i) => {
      const key = keys[(i * 3 + this.#pick([0, 1, 2])) % keys.length]!;
      return `${key}:${this.#value(indent, depth, true)}`;
    });
    return lines.join(this.#lineEnd() + " ".repeat(indent));
  }

  #list(indent: number, depth: number): string {
    const items = Array.from({ length: this.#pick([1, 2, 3]) }, () => {
      const gap = this.#pick([1, 1, 1, 3]);
      if (depth > 3 || this.#pick([true, false])) return `-${this.#value(indent, depth, false)}`;
      return `-${" ".repeat(gap)}${this.node(indent + gap + 1, depth + 1)}`;
    });
    return items.join(this.#lineEnd() + " ".repeat(indent));
  }

  #value(indent: number, depth: number, inMapping: boolean): string {
    if (depth < 4 && this.#pick([true, false])) {
      const step = this.#pick([1, 2, 4]);
      const below = this.#lineEnd();
      if (inMapping && this.#pick([true, false])) return below + " ".repeat(indent) + this.#list(indent, depth + 1);
      return below + " ".repeat(indent + step) + this.node(indent + step, depth + 1);
    }
    return this.#scalar(indent);
  }

  #scalar(indent: number): string {
    const block = " ".repeat(indent + this.#pick([1, 2, 3]));
    return this.#pick([
      "",
      " x",
      "  two words ",
      " 0644",
      " -1.5e3",
      " yes",
      " ~",
      " http://h:80/#x",
      " -x",
      " a'b\"c",
      " 'it''s # text: [x]'",
      ' "a\\n\\u00e9: b"',
      ' ""',
      " []",
      " [a, 'b c', \"d\", 1 ]",
      " { }",
      " é",
      " # comment",
      " x # comment",
      ` |\n${block}text\n\n${block}  more`,
      ` >-\n${block}text\n${block}text\n`,
      ` |+\n\n${block}# text\n\n`,
      " {a: 1}",
      " &x y",
      " x: y",
      ` x\n${block}y`,
    ]);
  }

  #lineEnd(): string {
    return this.#pick(["\n", "\n", "\n", "\n\n", "\n# comment\n", "\n      # deep\n\n", " \n"]);
  }
}
