package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// World is what checks act on.
type World struct {
	Address string
	Content Content
}

// Check is one statement about the server, and what finds out whether it holds.
type Check struct {
	Title string
	Run   func(ctx context.Context, world *World) error
}

// A check that hangs is one that fails.
const patience = 60 * time.Second

var output sync.Mutex

func say(format string, words ...any) {
	output.Lock()
	defer output.Unlock()
	fmt.Printf(format+"\n", words...)
}

// run does the checks one after another and gives the number of those that fail.
func run(world *World, lists ...[]Check) (failed int) {
	for _, list := range lists {
		for _, check := range list {
			failed += <-begin(world, check)
		}
	}
	return failed
}

// begin starts a check; the channel yields 1 if it fails, else 0.
func begin(world *World, check Check) <-chan int {
	done := make(chan int, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := check.Run(ctx, world); err != nil {
			say("FAIL %s: %v", check.Title, err)
			done <- 1
			return
		}
		say("ok %s", check.Title)
		done <- 0
	}()
	return done
}

// dial makes a connection of its own, as every sink has one.
func (w *World) dial(options ...grpc.DialOption) (*grpc.ClientConn, error) {
	all := append([]grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}, options...)
	return grpc.NewClient(w.Address, all...)
}

func expect(what string, got, want any) error {
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		return fmt.Errorf("%s is %s, not %s", what, g, w)
	}
	return nil
}
