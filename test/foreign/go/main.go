// Command foreign is a sink of Galley made of grpc-go and generated code alone. It checks what a sink may rely on, over
// the wire, against a server whose folder it may write to, and prints a line for each check.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	address := flag.String("address", "", "host:port of the MCP server")
	folder := flag.String("folder", "", "folder that the server reads, to write into")
	flag.Parse()
	if *address == "" || *folder == "" {
		fmt.Fprintln(os.Stderr, "both -address and -folder are needed")
		os.Exit(2)
	}
	world := &World{Address: *address, Content: Content{Folder: *folder}}
	// Pings come every ten seconds at most, so this one goes on beside the others.
	keepalive := begin(world, keepaliveCheck)
	failed := run(world, fullStateChecks, incrementalChecks, limitChecks, endingChecks, healthChecks)
	failed += <-keepalive
	failed += run(world, shutdownChecks)
	if failed > 0 {
		os.Exit(1)
	}
}
