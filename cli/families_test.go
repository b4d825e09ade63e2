package cli

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/seed9a7962a8/ito/nn"
)

// family is a network as the command line names it, and what it is trained on.
type family struct {
	word string
	data string // a command of scripts that writes the file data.X; "arrays 40,6,4" writes data.npy
}

// families are networks of every kind. A kind that is missing fails [TestFamilies].
var families = []family{
	{"mlp:width=8,depth=1", "arrays 40,6,4"},
	{"transformer:width=8,layers=1,heads=2", "arrays 40,6,4"},
	{"transformer:width=8,layers=1,heads=2,reads=hollow,dropout=.2", "arrays 40,6,4"},
	{"dit:width=8,layers=1,heads=2,patch=2,dropout=.1", "arrays 40,6,4"},
	{"csdi:channels=8,layers=1,heads=2,hidden=8,time-dim=8,position-dim=8,feature-dim=2", "arrays 40,6,4"},
	{"rnn:width=8,both=true", "arrays 40,6,4"},
	{"rnn:width=8,cell=lstm", "arrays 40,6,4"},
	{"rnn-mlp:units=6,width=8,depth=1", "table"},
	{"s4:width=8,layers=1,states=4", "arrays 40,6,4"},
	{"gnn:width=8,layers=1,heads=2,pairs=4", "arrays 40,5,5"},
	{"egnn:width=8,layers=1", "arrays 40,5,3"},
	{"unet2d:base=8,mult=1-2,groups=4,heads=2,dropout=.1", "arrays 40,8,8"},
	{"unet1d:base=8,mult=1-2,groups=4", "table"},
	{"tcn:width=8,depth=2", "table"},
	{"tcn:width=8,depth=2", "arrays 40,6,4"},
	{"windows:width=4", "arrays 40,6,4"},
	{"transformer:width=8,layers=1,heads=2,reads=hollow", "text 400"},
	{"s4:width=8,layers=1,states=4", "text 400"},
	{"rnn:width=8", "text 400"},
	{"graph:width=8,pairs=4,depth=1", "communities 30"},
}

// TestFamilies: every kind of network, on every kind of data that it is for. Killed and resumed, a training ends with
// the bytes of one that was not, on one worker or two; the model says what its network is; its samples have the same
// bytes on any workers and in parts; where there are conditions it is guided by them; and its schedule is searched,
// stored and used. What graphs and text do not have is refused.
func TestFamilies(t *testing.T) {
	kinds, dir := nn.Kinds(), t.TempDir()
	seen := map[string]bool{}
	for i, f := range families {
		kind, _, _ := strings.Cut(f.word, ":")
		seen[kind] = true
		file := filepath.Join(dir, fmt.Sprintf("%02d-%s.txtar", i, kind))
		if err := os.WriteFile(file, []byte(f.script(kind)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range kinds {
		if !seen[k] {
			t.Errorf("network %s has no family: give it a line", k)
		}
	}
	testscript.Run(t, scripts(dir))
}

// script is what a family goes through.
func (f family) script(kind string) string {
	command, size, _ := strings.Cut(f.data, " ")
	var s strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&s, format+"\n", args...) }
	input, path, out, labels := "data.npy", "vp", "npy", "--labels labels.csv --condition kind"
	switch command {
	case "arrays":
		say("arrays data.npy %s", size)
	case "table":
		input, out, labels = "data.csv", "csv", "--condition kind"
	case "text":
		input, path, out, labels = "data.txt", "absorbing", "txt", "--length 4"
		say("text data.txt %s", size)
	case "communities":
		input, out, labels = "data.jsonl", "jsonl", ""
		say("communities data.jsonl %s", size)
	}
	conditioned := command == "arrays" || command == "table"
	train := fmt.Sprintf("ito train %s %s --path %s --network %s --steps 60 --batch 8 ", input, labels, path, f.word)
	say("signal KILL -1 m.safetensors.checkpoint . %s --every 1ms --out m.safetensors", train)
	say("! exists m.safetensors")
	say("exec %s --resume --out m.safetensors", train)
	say("exec %s --workers 1 --out whole.safetensors", train)
	say("cmp m.safetensors whole.safetensors")
	say("exec ito info m.safetensors\nstdout '%s '", kind)
	sample := func(name, flags string) {
		say("exec ito sample m.safetensors --nfe 4 %s --out %s.%s", flags, name, out)
	}
	sample("all", "-n 6")
	sample("one", "-n 6 --workers 1")
	say("cmp all.%s one.%s", out, out)
	if !conditioned {
		if command == "communities" {
			say("status 2 ito tune m.safetensors --nfe 4\nstderr 'not possible'")
		}
		say("status 2 ito sample m.safetensors -n 2 --guidance 2 --out x.%s\nstderr 'guid'", out)
		say("! exists x.%s", out)
		return s.String()
	}
	// Guided: the same bytes on any workers and in parts, other ones than without guidance or by another class.
	sample("guided", "-n 6 --where kind=dark --guidance 2")
	sample("guided1", "-n 6 --where kind=dark --guidance 2 --workers 1")
	say("cmp guided.%s guided1.%s", out, out)
	sample("plain", "-n 6 --where kind=dark")
	sample("light", "-n 6 --where kind=light --guidance 2")
	say("! cmp guided.%s plain.%s\n! cmp guided.%s light.%s", out, out, out, out)
	for name, rows := range map[string]string{"alls": "-n 6", "tails": "-n 2 --first 4"} {
		say("exec ito sample m.safetensors --nfe 4 %s --where kind=dark --guidance 2 --out %s.csv", rows, name)
	}
	say("tails alls.csv tails.csv")
	// Searched, guided or not.
	for _, flags := range []string{"", "--where kind=dark --guidance 2 "} {
		say("exec ito tune m.safetensors --nfe 4 --method gits --states 8 --judge 8 %s--out tuned.safetensors", flags)
		say("exec ito sample tuned.safetensors -n 6 --nfe 4 %s--out tuned.%s", flags, out)
		say("stderr 'using the schedule that the model stores for 4 network calls'")
	}
	say("weights m.safetensors tuned.safetensors")
	if command == "table" {
		say("-- data.csv --\n%s", labelled(true))
	} else {
		say("-- labels.csv --\n%s", labelled(false))
	}
	return s.String()
}

// labelled are 40 rows of a label, light or dark, with seven numbers in front of it or without: a table with words,
// whose states have eight numbers.
func labelled(numbers bool) string {
	var s strings.Builder
	for k := 0; numbers && k < 7; k++ {
		fmt.Fprintf(&s, "x%d,", k)
	}
	s.WriteString("kind\n")
	for i := range 40 {
		for k := 0; numbers && k < 7; k++ {
			fmt.Fprintf(&s, "%.4f,", math.Sin(float64(i*i+3*k)))
		}
		s.WriteString([]string{"light", "dark"}[i%2] + "\n")
	}
	return s.String()
}
