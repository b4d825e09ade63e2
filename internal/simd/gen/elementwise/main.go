// Command elementwise writes the assembly of the elementwise functions of internal/simd.
package main

import (
	"flag"
	"os"

	"github.com/mmcloughlin/avo/build"

	"github.com/seed9a7962a8/ito/internal/simd/gen/functions"
	"github.com/seed9a7962a8/ito/internal/simd/gen/vec"
)

func main() {
	fs := flag.NewFlagSet("elementwise", flag.ExitOnError)
	flags := build.NewFlags(fs)
	fs.Parse(os.Args[1:])
	ctx := build.NewContext()
	asm := vec.Assembler(ctx)
	for _, f := range functions.All() {
		for _, wide := range []bool{true, false} {
			asm(wide, f.Double).Loop(f)
		}
	}
	os.Exit(build.Main(flags.Config(), ctx))
}
