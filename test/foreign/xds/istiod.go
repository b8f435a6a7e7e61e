package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pilot/pkg/config/memory"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pkg/adsc"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/config/schema/gvk"
)

// Istiod is the part of istiod that reads its configuration from a source of configuration, put together as istiod does.
type Istiod struct {
	client *adsc.ADSC
	store  *memory.Controller
	stop   chan struct{}

	mutex  sync.Mutex
	events []string
}

// istiod starts to read from the server. It takes over what is of its revision or of none.
func (w *World) istiod(revision string) (*Istiod, error) {
	client, err := adsc.New(w.Address, &adsc.ADSConfig{
		InitialDiscoveryRequests: adsc.ConfigInitialRequests(),
		Config: adsc.Config{
			Namespace: "istio-system",
			Workload:  "istiod-foreign",
			Revision:  revision,
			Meta:      model.NodeMetadata{Generator: "api", IstioRevision: revision}.ToStruct(),
		},
	})
	if err != nil {
		return nil, err
	}
	istiod := &Istiod{client: client, store: memory.NewController(memory.Make(collections.Pilot)), stop: make(chan struct{})}
	istiod.store.RegisterHasSyncedHandler(client.HasSynced)
	for _, schema := range collections.Pilot.All() {
		istiod.store.RegisterEventHandler(schema.GroupVersionKind(), istiod.record)
	}
	go istiod.store.Run(istiod.stop)
	client.Store = istiod.store
	return istiod, client.Run()
}

// Close leaves without a word.
func (i *Istiod) Close() {
	i.client.Close()
	close(i.stop)
}

func (i *Istiod) record(_, current config.Config, event model.Event) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.events = append(i.events, fmt.Sprintf("%v %s %s/%s", event, current.GroupVersionKind.Kind, current.Namespace, current.Name))
}

// Events gives what the store has told of so far.
func (i *Istiod) Events() []string {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	return slices.Clone(i.events)
}

// Ports gives the Gateways of the namespace foreign.
func (i *Istiod) Ports() Ports {
	ports := Ports{}
	for _, found := range i.store.List(gvk.Gateway, "foreign") {
		ports[found.Name] = int(found.Spec.(*networking.Gateway).Servers[0].Port.Number)
	}
	return ports
}

// Holds waits until it has exactly these Gateways in the namespace foreign.
func (i *Istiod) Holds(ctx context.Context, ports Ports) error {
	return eventually(ctx, func() error { return expect("what istiod holds", i.Ports(), ports) })
}

// eventually waits until a condition holds; it fails with what was wrong in the end.
func eventually(ctx context.Context, condition func() error) error {
	for {
		err := condition()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// withIstiod runs a check with an istiod that is synced and holds these Gateways.
func withIstiod(ports Ports, check func(ctx context.Context, w *World, istiod *Istiod) error) func(context.Context, *World) error {
	return func(ctx context.Context, w *World) error {
		if err := w.Content.Write(ports); err != nil {
			return err
		}
		istiod, err := w.istiod("blue")
		if err != nil {
			return err
		}
		defer istiod.Close()
		err = eventually(ctx, func() error { return expect("whether istiod is synced", istiod.client.HasSynced(), true) })
		if err != nil {
			return err
		}
		if err := istiod.Holds(ctx, ports); err != nil {
			return err
		}
		return check(ctx, w, istiod)
	}
}

var istiodChecks = []Check{
	{"istiod's own client is synced and holds what the folder has", withIstiod(Ports{"a": 80, "b": 81}, func(ctx context.Context, w *World, i *Istiod) error {
		wanted, err := w.names(ctx, collections.Pilot.All()...)
		if err != nil {
			return err
		}
		if len(wanted) < 10 {
			return fmt.Errorf("only %v is served", wanted)
		}
		return eventually(ctx, func() error {
			held := []string{}
			for _, schema := range collections.Pilot.All() {
				for _, found := range i.store.List(schema.GroupVersionKind(), "") {
					held = append(held, found.GroupVersionKind.Kind+" "+found.Namespace+"/"+found.Name)
				}
			}
			slices.Sort(held)
			return expect("what istiod holds", held, wanted)
		})
	})},
	{"istiod's own client follows what is added, changed and removed", withIstiod(Ports{"a": 80, "b": 81}, func(ctx context.Context, w *World, i *Istiod) error {
		for _, ports := range []Ports{{"a": 80, "b": 8081, "c": 82}, {"b": 8081}, {}, {"a": 80}} {
			if err := w.Content.Write(ports); err != nil {
				return err
			}
			if err := i.Holds(ctx, ports); err != nil {
				return err
			}
		}
		return nil
	})},
	{"istiod's own client hears only of what changed", withIstiod(Ports{"a": 80, "b": 81}, func(ctx context.Context, w *World, i *Istiod) error {
		before := len(i.Events())
		if err := w.Content.Write(Ports{"a": 80, "b": 8081}); err != nil {
			return err
		}
		if err := i.Holds(ctx, Ports{"a": 80, "b": 8081}); err != nil {
			return err
		}
		return eventually(ctx, func() error {
			return expect("what istiod heard of", i.Events()[before:], []string{"update Gateway foreign/b"})
		})
	})},
	{"istiod's own client is sent what is of its revision or of none", withIstiod(Ports{}, func(ctx context.Context, w *World, i *Istiod) error {
		var text strings.Builder
		for _, revision := range []string{"blue", "green"} {
			fmt.Fprintf(&text, labelled, revision, revision)
		}
		if err := w.Content.replace("revisions.yaml", text.String()); err != nil {
			return err
		}
		defer w.Content.Remove("revisions.yaml")
		return i.Holds(ctx, Ports{"blue": 80})
	})},
	{"istiod's own client is sent WasmPlugins as the TrafficExtensions that it reads", withIstiod(Ports{}, func(ctx context.Context, w *World, i *Istiod) error {
		if err := w.Content.replace("wasm.yaml", wasmPlugin); err != nil {
			return err
		}
		defer w.Content.Remove("wasm.yaml")
		return eventually(ctx, func() error {
			plugins, extensions := i.store.List(gvk.WasmPlugin, "foreign"), i.store.List(gvk.TrafficExtension, "foreign")
			return errors.Join(
				expect("the number of WasmPlugins", len(plugins), 1),
				expect("the number of TrafficExtensions", len(extensions), 1),
			)
		})
	})},
}

// names gives what a client of go-control-plane is sent of these kinds, as `Kind namespace/name`.
func (w *World) names(ctx context.Context, schemas ...schemaOf) ([]string, error) {
	names := []string{}
	for _, schema := range schemas {
		stream, err := w.sotw(ctx)
		if err != nil {
			return nil, err
		}
		kind := schema.GroupVersionKind()
		response, err := stream.Ask(kind.String())
		stream.Close()
		if err != nil {
			return nil, err
		}
		resources, err := unwrap(response.Resources)
		if err != nil {
			return nil, err
		}
		for _, name := range slices.Sorted(maps.Keys(resources)) {
			names = append(names, kind.Kind+" "+name)
		}
	}
	slices.Sort(names)
	return names, nil
}

const labelled = `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: %s
  namespace: foreign
  labels: { istio.io/rev: %s }
spec:
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: ["*"]
`

const wasmPlugin = `
apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata:
  name: plugin
  namespace: foreign
spec:
  url: oci://registry.example/plugin:1
`
