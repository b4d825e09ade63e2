// Command ito-cluster is ito with a broker (NATS JetStream) and object stores (S3) in it, for jobs that many machines
// compute; see docs/jobs.md. It is a program of its own because what the two bring with them begins with the program
// and would lengthen every start of ito.
package main

import (
	"os"

	"github.com/seed9a7962a8/ito/cli"
	_ "github.com/seed9a7962a8/ito/job/broker"
	_ "github.com/seed9a7962a8/ito/job/bucket"
)

func main() { os.Exit(cli.Main(os.Args[1:])) }
