package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/seed9a7962a8/ito/nn"
)

// networkFaults are networks that cannot serve what they are to be trained on: what is said of it names the network and
// the layer or setting, the shape or number that does not fit, and what to change.
var networkFaults = []struct {
	word, data string // as in [families]
	says       string // a regular expression
}{
	{"mlp:time-dim=3", "arrays 40,6,4", `mlp: time_dim: 3 is odd.*; give an even number`},
	{"mlp:width=0", "arrays 40,6,4", `network mlp takes no width of "0".*; give width=1…`},
	{"transformer:heads=3", "arrays 40,6,4", `transformer: heads: 3 do not divide 128 channels; give a divisor`},
	{"transformer:width=6,heads=2", "arrays 40,6,4", `transformer: heads: rotary positions.*odd.*; give other heads`},
	{"transformer:dropout=1", "arrays 40,6,4", `network transformer takes no dropout of "1".*; give dropout=0`},
	{"dit:heads=3", "arrays 40,6,4", `dit: heads: 3 do not divide 128 channels; give a divisor`},
	{"dit:patch=5", "arrays 40,6,4", `dit: patches of 5 do not divide \[6 4 1\]; give patch=1`},
	{"dit", "arrays 40,5,5", `dit: patches of 2 do not divide \[5 5 1\]; give patch=1`},
	{"dit", "text 400", `dit reads one part of numbers.*text \[4\] of 6 levels.*; take another network`},
	{"csdi:heads=7", "arrays 40,6,4", `csdi: heads: 7 do not divide 64 channels; give a divisor`},
	{"csdi:impute=true", "arrays 40,6,4", `csdi fills in \[6,4\].*2·6·4 numbers, and has 2; give them`},
	{"csdi", "images", `csdi reads features × times \[K,L\].*\[16 16 3\].*; give a state of two axes`},
	{"csdi", "text 400", `csdi reads one part of numbers.*text \[4\] of 6 levels.*; take another network`},
	{"rnn:cell=elman", "arrays 40,6,4", `network rnn takes no cell of "elman".*; give cell=gru\|lstm`},
	{"rnn", "communities 30", `rnn.*its tensors depend on the size|rnn reads one part.*; take another network`},
	{"rnn-mlp", "text 400", `rnn-mlp reads and writes one part of numbers.*; take another network`},
	{"rnn-mlp:cell=elman", "table", `network rnn-mlp takes no cell of "elman".*; give cell=lstm`},
	{"rnn-mlp:time-dim=3", "table", `rnn-mlp: time_dim: 3 is odd.*; give an even number`},
	{"s4:states=0", "arrays 40,6,4", `network s4 takes no states of "0".*; give states=1…`},
	{"s4:time-dim=5", "arrays 40,6,4", `s4: time_dim: 5 is odd.*; give an even number`},
	{"gnn:heads=3", "arrays 40,5,5", `gnn: heads: 3 do not divide 64 channels; give a divisor`},
	{"egnn", "images", `egnn: .*positions \[n,d\].*not image \[16 16 3\]; give states of two axes`},
	{"egnn", "text 400", `egnn: .*positions \[n,d\].*not text \[4\] of [56] levels; give states of two axes`},
	{"unet2d", "arrays 40,6,6", `unet2d: 6×6 pixels are halved 2 times by 3 levels.*; give fewer levels in mult`},
	{"unet2d:groups=3", "arrays 40,8,8", `unet2d: groups: 3 do not divide the 32 channels of level 0; give groups`},
	{"unet2d:heads=5", "arrays 40,8,8", `unet2d: heads: 5 do not divide the 64 channels of level 2; give heads`},
	{"unet2d:mult=1-x", "arrays 40,8,8", `unet2d: mult: "1-x" holds "x".*; write it as 1-2-2`},
	{"unet2d", "table", `unet2d reads an image \[H,W,C\].*not \[8\] to \[8\]; give states of such a shape`},
	{"unet2d", "text 400", `unet2d reads and writes one part of numbers.*; give the state one part without levels`},
	{"unet2d", "communities 30", `unet2d has no place for a mask; give the state no mask`},
	{"unet1d:mult=1-1-1-1-1", "table", `unet1d: 8 places are halved 4 times by 5 levels.*; give fewer levels`},
	{"unet1d:groups=5", "table", `unet1d: groups: 5 do not divide the 32 channels of level 0; give groups`},
	{"unet1d", "arrays 40,6,4", `unet1d: 6 places are halved 2 times by 3 levels.*; give fewer levels in mult`},
	{"unet1d", "images", `unet1d reads a sequence \[L,C\].*not \[16 16 3\] to \[16 16 3\]; give states of such a shape`},
	{"tcn:kernel=0", "table", `network tcn takes no kernel of "0".*; give kernel=1…`},
	{"tcn", "images", `tcn reads a sequence \[L,C\].*not \[16 16 3\] to \[16 16 3\]; give states of such a shape`},
	{"graph:depth=0", "communities 30", `network graph takes no depth of "0".*; give depth=1…`},
	{"graph", "arrays 40,5,5", `graph reads nodes and pairs of nodes, and image has none; give a space of a graph`},
	{"graph", "text 400", `graph reads numbers, not tokens as text \[4\] of [56] levels; take gnn`},
	{"graph", "nobody", `line 2: n is 0, and a graph has 1 to 1024 nodes`}, // a mask that hides all
	{"transformer", "letters", `row 2, column 1 \(a\): -3 is no id of a token; give whole numbers`},
	{"windows", "table", `windows are laid over an image`},
}

// TestNetworkFaults: every network refuses what it cannot serve before anything is written, with exit code 2.
func TestNetworkFaults(t *testing.T) {
	dir, seen, scriptOf := t.TempDir(), map[string]bool{}, map[string]*strings.Builder{}
	for _, f := range networkFaults {
		kind, _, _ := strings.Cut(f.word, ":")
		seen[kind] = true
		command, _, _ := strings.Cut(f.data, " ")
		name := strings.ReplaceAll(f.data, " ", "-")
		s := scriptOf[name]
		input, path, labels := "data.npy", "vp", ""
		switch command {
		case "arrays":
			labels = "--labels labels.csv --condition kind"
		case "table":
			input, labels = "data.csv", "--condition kind"
		case "text":
			input, path, labels = "data.txt", "absorbing", "--length 4"
		case "letters":
			input, path, labels = "letters.csv", "absorbing", "--unit id"
		case "communities":
			input = "data.jsonl"
		case "nobody":
			input = "nobody.jsonl"
		}
		if s == nil {
			s = &strings.Builder{}
			scriptOf[name] = s
			switch command {
			case "arrays", "text", "communities", "images":
				fmt.Fprintf(s, "%s %s%s\n", command, input, strings.TrimPrefix(f.data, command))
			}
		}
		fmt.Fprintf(s, "status 2 ito train %s %s --path %s --network %s --steps 2 --batch 4 --out x.safetensors\n", input,
			labels, path, f.word)
		fmt.Fprintf(s, "stderr '%s'\n! exists x.safetensors\n", f.says)
	}
	for _, k := range nn.Kinds() {
		if !seen[k] {
			t.Errorf("network %s is asked for nothing that it cannot do: give it a line", k)
		}
	}
	for name, s := range scriptOf {
		fmt.Fprintf(s, "-- labels.csv --\n%s-- data.csv --\n%s", labelled(false), labelled(true))
		s.WriteString("-- letters.csv --\na,b\n1,2\n-3,1\n")
		s.WriteString("-- nobody.jsonl --\n{\"n\":3,\"edges\":[[0,1]]}\n{\"n\":0,\"edges\":[]}\n")
		if err := os.WriteFile(filepath.Join(dir, name+".txtar"), []byte(s.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	testscript.Run(t, scripts(dir))
}
