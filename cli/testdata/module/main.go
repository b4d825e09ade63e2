// Command other is ito with the parts of another module.
package main

import (
	"os"

	_ "example.com/other/parts"
	"github.com/seed9a7962a8/ito/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:])) }
