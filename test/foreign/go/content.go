package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Ports are Gateways of the namespace foreign, by name, each with one server on that port.
type Ports map[string]int

// Content is what the checks have the server read. Nobody else writes into that folder meanwhile.
type Content struct {
	Folder string
}

// Write replaces the Gateways of the namespace foreign with these.
func (c Content) Write(ports Ports) error {
	names := make([]string, 0, len(ports))
	for name := range ports {
		names = append(names, name)
	}
	slices.Sort(names)
	var text strings.Builder
	text.WriteString("# Written by a test.\n")
	for _, name := range names {
		fmt.Fprintf(&text, gateway, name, ports[name])
	}
	return c.replace("foreign.yaml", text.String())
}

// WriteMany adds ServiceEntries of the namespace bulk that take about so many bytes on the wire each.
func (c Content) WriteMany(count, bytes int) error {
	var text strings.Builder
	padding := strings.Repeat("x", bytes)
	for i := range count {
		fmt.Fprintf(&text, serviceEntry, i, padding, i)
	}
	return c.replace("bulk.yaml", text.String())
}

// Remove takes a file away that was written before.
func (c Content) Remove(name string) error {
	return os.Remove(filepath.Join(c.Folder, name))
}

// Readers see the old file or the new one, never half of one.
func (c Content) replace(name, text string) error {
	path := filepath.Join(c.Folder, name)
	if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

const gateway = `---
apiVersion: networking.istio.io/v1alpha3
kind: Gateway
metadata:
  name: %s
  namespace: foreign
spec:
  selector: { app: edge }
  servers:
    - port: { number: %d, name: http, protocol: HTTP }
      hosts: ["*"]
`

const serviceEntry = `---
apiVersion: networking.istio.io/v1alpha3
kind: ServiceEntry
metadata:
  name: entry-%d
  namespace: bulk
  annotations: { padding: %s }
spec:
  hosts: [entry-%d.example]
  location: MESH_EXTERNAL
  resolution: DNS
  ports:
    - { number: 443, name: tls, protocol: TLS }
`
