package cli

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task/info"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ito": func() { os.Exit(Main(os.Args[1:])) }})
}

// TestScripts runs the command lines of testdata/script, and TestFamilies some that it writes for every kind of
// network. Besides the commands of testscript they have
//
//	status CODE PROGRAM ARG…              the program ends with this exit code
//	signal NAME CODE FILE REGEXP PROGRAM ARG…
//	                                      once FILE matches, the program gets the signal
//	                                      and ends with this exit code (-1: killed)
//	rows NAME N FILE                      writes N rows of a built-in set as CSV
//	weights A B                           two models have the same weights
//	digest FILE HEX                       the numbers of a CSV or npy file, or the weights of a model, have this
//	                                      digest
//	images FILE                           writes 48 images of 16×16×3 bytes as npy
//	npy FILE TYPE SHAPE LOW HIGH          the file has this header, and numbers in these bounds
//	tails A B                             A ends with the rows of B, which has a header
//	text FILE N                           writes a Markov text of N letters
//	law FILE MOST LETTERS                 samples of that text are near its law, some letters given
//	communities FILE N [x]                writes N graphs of two communities, with node features or without
//	like A B NEAR TRANSITIVITY            graphs of two files have about the same figures, and the same sizes
//	passengers PART HOW FILE               writes a third of the passengers of the Titanic, mended or spoiled
//	flip FILE PLACE                       changes a bit of a byte
//	private FILE                          only its owner may read the file
//	cut FILE BYTES                        leaves the first bytes of a file
//	there FILE                            waits for a file
//	interrupt MS PROGRAM ARG…             the program gets ctrl-C after so long, and ends within a second, with 130
//	wide FILE ROWS COLUMNS                writes rows of many columns as CSV
//	within MS PROGRAM ARG…                one of five runs takes no more processor time than this
func TestScripts(t *testing.T) { testscript.Run(t, scripts("testdata/script")) }

// scripts runs the command lines of a folder.
func scripts(dir string) testscript.Params {
	return testscript.Params{
		Dir: dir,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "signal": signalOnce, "rows": writeRows, "weights": sameWeights, "digest": numbersDigest,
			"within": within, "interrupt": interrupted, "wide": writeWide,
			"images": writeImages, "arrays": writeArrays, "npy": npyOf, "tails": tails, "text": writeText, "law": textLaw,
			"communities": writeCommunities, "like": graphsLike,
			"passengers": passengers, "flip": flip, "private": private, "cut": cutFile, "there": there,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("SOURCE_DATE_EPOCH", "0")
			here, err := os.Getwd()
			e.Setenv("HALFDONE", filepath.Join(here, "testdata", "halfdone"))
			e.Setenv("SHOP", filepath.Join(here, "..", "examples", "shop"))
			e.Setenv("CSDI", filepath.Join(here, "..", "store", "testdata", "csdi", "csdi_physio.safetensors"))
			return err
		},
		Condition: func(cond string) (bool, error) {
			if cond == "full" { // a device that is always full
				_, err := os.Stat("/dev/full")
				return err == nil, nil
			}
			if cond == "vector" { // code of a level whose bytes are known
				return runtime.GOARCH == "amd64" && simd.Level() != "portable", nil
			}
			return false, errors.New("unknown condition")
		},
	}
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE PROGRAM ARG…")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var e *exec.ExitError
		if !errors.As(err, &e) {
			ts.Fatalf("%v", err)
		}
		code = e.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// program makes the command for a script's program, in its directory and environment.
func program(ts *testscript.TestScript, args []string) *exec.Cmd {
	path := args[0]
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if p := filepath.Join(dir, args[0]); fileThere(p) {
			path = p
			break
		}
	}
	c := exec.Command(path, args[1:]...)
	c.Dir = ts.MkAbs(".")
	for _, k := range []string{"PATH", "HOME", "TMPDIR", "SOURCE_DATE_EPOCH", "ITO_SIMD", "GOMAXPROCS", "GOCOVERDIR"} {
		if v := ts.Getenv(k); v != "" {
			c.Env = append(c.Env, k+"="+v)
		}
	}
	return c
}

func fileThere(path string) bool { _, err := os.Stat(path); return err == nil }

func writeRows(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: rows NAME N FILE")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	t, err := data.Builtin(args[0], n, 0)
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[2]))
	ts.Check(err)
	w := data.NewSampleWriter(f, data.CSV{Columns: t.Columns})
	ts.Check(errors.Join(w.WriteRows(t.States()), w.Close(), f.Close()))
}

func sameWeights(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: weights A B")
	}
	a, err := info.WeightsDigest(ts.MkAbs(args[0]))
	ts.Check(err)
	b, err := info.WeightsDigest(ts.MkAbs(args[1]))
	ts.Check(err)
	if neg == (a == b) {
		ts.Fatalf("weights %s and %s", a, b)
	}
}

func numbersDigest(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: digest FILE HEX")
	}
	x, err := numbersIn(ts.MkAbs(args[0]))
	ts.Check(err)
	h := sha256.New()
	for _, v := range x {
		h.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(v)))
	}
	if got := hex.EncodeToString(h.Sum(nil)[:6]); got != args[1] {
		ts.Fatalf("%s: %d numbers have the digest %s and had %s; a change that is meant is a row of "+
			"docs/changed-bytes.md", args[0], len(x), got, args[1])
	}
}

// numbersIn are the cells of a CSV file that are numbers, without its comments; all values of an npy file; the
// weights of a model.
func numbersIn(file string) ([]float64, error) {
	switch filepath.Ext(file) {
	case ".safetensors":
		m, err := store.LoadModel(file)
		if err != nil {
			return nil, err
		}
		var x []float64
		for _, w := range m.Field.(*field.Net).Weights.Params {
			x = append(x, float64(w))
		}
		return x, nil
	case ".npy":
		b, err := os.ReadFile(file)
		if err != nil || len(b) < 10 {
			return nil, errors.Join(err, errors.New("no npy file"))
		}
		b = b[10+int(binary.LittleEndian.Uint16(b[8:])):]
		x := make([]float64, len(b)/8)
		for i := range x {
			x[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		}
		return x, nil
	}
	b, err := os.ReadFile(file)
	var x []float64
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for cell := range strings.SplitSeq(strings.TrimSpace(line), ",") {
			if v, err := strconv.ParseFloat(cell, 64); err == nil {
				x = append(x, v)
			}
		}
	}
	return x, err
}

func within(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: within MS PROGRAM ARG…")
	}
	limit, err := strconv.Atoi(args[0])
	ts.Check(err)
	best := time.Hour
	for range 5 {
		c := program(ts, args[1:])
		ts.Check(c.Run())
		best = min(best, c.ProcessState.UserTime()+c.ProcessState.SystemTime())
	}
	ts.Logf("%v of processor time", best)
	if best > time.Duration(limit)*time.Millisecond {
		ts.Fatalf("%v of processor time, more than %d ms", best, limit)
	}
}
