// Command ito learns a distribution from samples and samples it. "ito --help" is its manual.
package main

import (
	"os"

	"github.com/seed9a7962a8/ito/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:])) }
