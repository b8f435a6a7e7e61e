package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	mcp "foreign/gen/istio13/mcp/v1alpha1"
)

var incrementalChecks = []Check{
	{"the first push to a sink that keeps nothing is everything; then come changes and removals alone", func(ctx context.Context, w *World) error {
		sink, first, err := incremental(ctx, w, Ports{"a": 80, "b": 81, "c": 82}, nil)
		if err != nil {
			return err
		}
		defer sink.Close()
		if err := expect("incremental", first.Incremental, false); err != nil {
			return err
		}
		if err := errors.Join(sink.Ack(first, true), w.Content.Write(Ports{"a": 80, "b": 8081, "d": 83})); err != nil {
			return err
		}
		return w.follow(sink, versionsOf(first), Ports{"a": 80, "b": 8081, "d": 83}, []string{"foreign/b", "foreign/d"}, []string{"foreign/c"})
	}},
	{"after a NACK the refused changes come again with the next ones", func(ctx context.Context, w *World) error {
		sink, first, err := incremental(ctx, w, Ports{"a": 80, "b": 81}, nil)
		if err != nil {
			return err
		}
		defer sink.Close()
		if err := errors.Join(sink.Ack(first, true), w.Content.Write(Ports{"a": 8080, "b": 81})); err != nil {
			return err
		}
		refused, err := sink.Next(gateways)
		if err != nil {
			return err
		}
		if err := errors.Join(sink.Nack(refused), sink.Subscribe(fence, true, nil)); err != nil {
			return err
		}
		if _, err := sink.Next(fence); err != nil {
			return err
		}
		if err := w.Content.Write(Ports{"a": 8080, "b": 8081}); err != nil {
			return err
		}
		push, err := sink.Next(gateways)
		if err != nil {
			return err
		}
		// The NACK did not ask for deltas, so this one is everything.
		return errors.Join(expect("incremental", push.Incremental, false), expectPorts(push, Ports{"a": 8080, "b": 8081}))
	}},
	{"a sink that says what it keeps is told the difference, removals included", func(ctx context.Context, w *World) error {
		kept, err := w.versions(ctx, Ports{"a": 80, "b": 81, "c": 82})
		if err != nil {
			return err
		}
		kept["foreign/unheard-of"] = "1"
		sink, push, err := incremental(ctx, w, Ports{"a": 80, "b": 8081}, kept)
		if err != nil {
			return err
		}
		defer sink.Close()
		return errors.Join(
			expect("incremental", push.Incremental, true),
			expect("what changed", namesOf(push), []string{"foreign/b"}),
			expect("what is gone", slices.Sorted(slices.Values(push.RemovedResources)), []string{"foreign/c", "foreign/unheard-of"}),
		)
	}},
	{"a sink that keeps everything is answered with an empty difference", func(ctx context.Context, w *World) error {
		kept, err := w.versions(ctx, Ports{"a": 80, "b": 81})
		if err != nil {
			return err
		}
		sink, push, err := incremental(ctx, w, Ports{"a": 80, "b": 81}, kept)
		if err != nil {
			return err
		}
		defer sink.Close()
		return errors.Join(
			expect("incremental", push.Incremental, true),
			expect("the number of resources", len(push.Resources), 0),
			expect("the number of removals", len(push.RemovedResources), 0),
		)
	}},
}

// incremental opens a sink of deltas that has got the first push and has not answered yet.
func incremental(ctx context.Context, w *World, ports Ports, kept map[string]string) (*Sink, *mcp.Resources, error) {
	if err := w.Settle(ctx, ports); err != nil {
		return nil, nil, err
	}
	sink, err := w.Open(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := sink.Subscribe(gateways, true, kept); err != nil {
		return nil, nil, err
	}
	push, err := sink.Next(gateways)
	return sink, push, err
}

// versions gives what a sink holds once these Gateways are served.
func (w *World) versions(ctx context.Context, ports Ports) (map[string]string, error) {
	sink, push, err := subscribed(ctx, w, ports)
	if err != nil {
		return nil, err
	}
	defer sink.Close()
	return versionsOf(push), nil
}

// follow applies the next push, which must be a delta of that shape, to what is held, and compares with what is served.
func (w *World) follow(sink *Sink, held map[string]string, ports Ports, changed, removed []string) error {
	push, err := sink.Next(gateways)
	if err != nil {
		return err
	}
	maps.Copy(held, versionsOf(push))
	for _, name := range push.RemovedResources {
		delete(held, name)
	}
	served, err := w.versions(sink.stream.Context(), ports)
	if err != nil {
		return err
	}
	if !maps.Equal(held, served) {
		return fmt.Errorf("the sink holds %v, but %v is served", held, served)
	}
	return errors.Join(
		expect("incremental", push.Incremental, true),
		expect("what changed", namesOf(push), changed),
		expect("what is gone", push.RemovedResources, removed),
	)
}
