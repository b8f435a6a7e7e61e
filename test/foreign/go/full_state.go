package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	mcp "foreign/gen/istio13/mcp/v1alpha1"
)

var fullStateChecks = []Check{
	{"response headers come at once, to a sink that has said nothing", func(ctx context.Context, w *World) error {
		sink, err := w.Open(ctx)
		if err != nil {
			return err
		}
		defer sink.Close()
		headers, err := sink.stream.Header()
		if err != nil {
			return err
		}
		if len(headers.Get("config.source.version")) != 1 {
			return fmt.Errorf("no config.source.version in %v", headers)
		}
		return nil
	}},
	{"every body of six collections decodes with generated code, and nothing is left over", func(ctx context.Context, w *World) error {
		sink, err := w.Open(ctx)
		if err != nil {
			return err
		}
		defer sink.Close()
		for i, kind := range []string{"gateways", "virtualservices", "destinationrules", "serviceentries", "sidecars", "envoyfilters"} {
			push, err := sink.Ask("istio/networking/v1alpha3/"+kind, false, nil)
			if err != nil {
				return err
			}
			if _, err := decodeAll(push); err != nil {
				return err
			}
			if len(push.Resources) == 0 {
				return fmt.Errorf("%s are missing from the samples", kind)
			}
			// One counter for all collections of the stream.
			if err := expect("the nonce", push.Nonce, strconv.Itoa(i+1)); err != nil {
				return err
			}
		}
		return nil
	}},
	{"an empty collection is answered with an empty push of version 0", func(ctx context.Context, w *World) error {
		sink, err := w.Open(ctx)
		if err != nil {
			return err
		}
		defer sink.Close()
		push, err := sink.Ask(fence, false, nil)
		if err != nil {
			return err
		}
		return errors.Join(
			expect("the version", push.SystemVersionInfo, "0"),
			expect("the number of resources", len(push.Resources), 0),
		)
	}},
	{"after an ACK comes a push when a file changes, and only the changed resource has another version", func(ctx context.Context, w *World) error {
		sink, first, err := subscribed(ctx, w, Ports{"a": 80, "b": 81})
		if err != nil {
			return err
		}
		defer sink.Close()
		if err := errors.Join(sink.Ack(first, false), sink.Silent(), w.Content.Write(Ports{"a": 80, "b": 8081})); err != nil {
			return err
		}
		second, err := sink.Next(gateways)
		if err != nil {
			return err
		}
		before, after := versionsOf(first), versionsOf(second)
		if before["foreign/b"] == after["foreign/b"] {
			return errors.New("the changed resource kept its version")
		}
		return errors.Join(
			expect("incremental", second.Incremental, false),
			expect("the version of what did not change", after["foreign/a"], before["foreign/a"]),
			expect("the number of resources", len(after), len(before)),
			expectPorts(second, Ports{"a": 80, "b": 8081}),
		)
	}},
	{"nothing is pushed while an answer is due, then the newest alone", func(ctx context.Context, w *World) error {
		sink, first, err := subscribed(ctx, w, Ports{"a": 80})
		if err != nil {
			return err
		}
		defer sink.Close()
		for _, port := range []int{1001, 1002, 1003} {
			if err := w.Settle(ctx, Ports{"a": port}); err != nil {
				return err
			}
		}
		if err := errors.Join(sink.Silent(), sink.Ack(first, false)); err != nil {
			return err
		}
		second, err := sink.Next(gateways)
		if err != nil {
			return err
		}
		return errors.Join(expectPorts(second, Ports{"a": 1003}), sink.Ack(second, false), sink.Silent())
	}},
	{"a refused version is not sent again, but the next one is", func(ctx context.Context, w *World) error {
		sink, first, err := subscribed(ctx, w, Ports{"a": 80})
		if err != nil {
			return err
		}
		defer sink.Close()
		if err := errors.Join(sink.Nack(first), sink.Silent(), w.Content.Write(Ports{"a": 82})); err != nil {
			return err
		}
		second, err := sink.Next(gateways)
		if err != nil {
			return err
		}
		return expectPorts(second, Ports{"a": 82})
	}},
	{"an answer with another nonce has no effect", func(ctx context.Context, w *World) error {
		sink, first, err := subscribed(ctx, w, Ports{"a": 80})
		if err != nil {
			return err
		}
		defer sink.Close()
		stale := &mcp.Resources{Collection: gateways, Nonce: "another"}
		if err := errors.Join(sink.Ack(stale, false), w.Settle(ctx, Ports{"a": 83}), sink.Silent(), sink.Ack(first, false)); err != nil {
			return err
		}
		second, err := sink.Next(gateways)
		if err != nil {
			return err
		}
		return expectPorts(second, Ports{"a": 83})
	}},
	{"what is removed from the folder is missing from the next push", func(ctx context.Context, w *World) error {
		sink, first, err := subscribed(ctx, w, Ports{"a": 80, "b": 81})
		if err != nil {
			return err
		}
		defer sink.Close()
		if err := errors.Join(sink.Ack(first, false), w.Content.Write(Ports{"a": 80})); err != nil {
			return err
		}
		second, err := sink.Next(gateways)
		if err != nil {
			return err
		}
		return expectPorts(second, Ports{"a": 80})
	}},
	{"a sink that comes back to equal content gets equal versions", func(ctx context.Context, w *World) error {
		sink, first, err := subscribed(ctx, w, Ports{"a": 80})
		if err != nil {
			return err
		}
		sink.Close()
		again, second, err := subscribed(ctx, w, Ports{"a": 80})
		if err != nil {
			return err
		}
		defer again.Close()
		return errors.Join(
			expect("the version", second.SystemVersionInfo, first.SystemVersionInfo),
			expect("the versions of the resources", versionsOf(second), versionsOf(first)),
		)
	}},
}

// subscribed opens a sink that has got the Gateways, with these among them, and has not answered yet.
func subscribed(ctx context.Context, w *World, ports Ports) (*Sink, *mcp.Resources, error) {
	if err := w.Settle(ctx, ports); err != nil {
		return nil, nil, err
	}
	sink, err := w.Open(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := sink.Subscribe(gateways, false, nil); err != nil {
		return nil, nil, err
	}
	push, err := sink.Next(gateways)
	return sink, push, err
}

func expectPorts(push *mcp.Resources, want Ports) error {
	got, err := portsOf(push)
	if err != nil {
		return err
	}
	return expect("the Gateways and their ports", got, want)
}
