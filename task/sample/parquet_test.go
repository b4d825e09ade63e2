package sample

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/seed9a7962a8/ito"
)

// A Parquet file has the samples of a sink, the same bytes for any number of workers, and nothing stays of one that
// was cancelled.
func TestParquet(t *testing.T) {
	m, file := aModel(t)
	c := config(file, 3000)
	c.WithID, c.First = true, 10
	c.Out = filepath.Join(t.TempDir(), "s.parquet")
	if _, err := Run(context.Background(), c, Env{}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(c.Out)
	if err != nil {
		t.Fatal(err)
	}
	var want ito.States
	sink := func(x ito.States) error {
		want.X, want.ID = append(want.X, x.X...), append(want.ID, x.ID...)
		return nil
	}
	if _, err := Run(context.Background(), c, Env{Model: m, Sink: sink}); err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil || f.NumRows() != 3000 {
		t.Fatalf("%v", err)
	}
	names := []string{}
	for _, column := range f.Schema().Columns() {
		names = append(names, strings.Join(column, "."))
	}
	if !slices.Equal(names, append([]string{"id"}, m.Columns...)) {
		t.Errorf("columns %q", names)
	}
	rows := f.RowGroups()[0].Rows()
	defer rows.Close()
	got := make([]parquet.Row, 3000)
	for at := 0; at < len(got); {
		n, err := rows.ReadRows(got[at:])
		at += n
		if err != nil && !(errors.Is(err, io.EOF) && at == len(got)) {
			t.Fatal(err)
		}
		for i := at - n; i < at; i++ {
			r := got[i]
			if r[0].Int64() != int64(want.ID[i]) || r[1].Double() != want.X[2*i] || r[2].Double() != want.X[2*i+1] {
				t.Fatalf("row %d: %v", i, r)
			}
		}
	}
	for _, workers := range []int{1, 3} {
		c.Workers, c.Out = workers, filepath.Join(t.TempDir(), "w.parquet")
		if _, err := Run(context.Background(), c, Env{}); err != nil {
			t.Fatal(err)
		}
		if again, _ := os.ReadFile(c.Out); !bytes.Equal(again, b) {
			t.Errorf("%d workers: other bytes", workers)
		}
	}
	c.Resume = true
	if _, err := Run(context.Background(), c, Env{}); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(),
		"`resume`") {
		t.Error(err)
	}
	c.Resume = false
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c.Out = filepath.Join(t.TempDir(), "x.parquet")
	if _, err := Run(ctx, c, Env{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if left, _ := os.ReadDir(filepath.Dir(c.Out)); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// Row groups begin at the same rows however the rows arrive.
func TestParquetGroups(t *testing.T) {
	m, _ := aModel(t)
	write := func(piece int) []byte {
		var b bytes.Buffer
		p, err := newParquetWriter(&b, &Config{}, m)
		if err != nil {
			t.Fatal(err)
		}
		p.per = 100
		for first := 0; first < 1050; first += piece {
			x := ito.NewStates(min(piece, 1050-first), 2, uint64(first))
			for i := range x.X {
				x.X[i] = float64(2*first + i)
			}
			if err := p.WriteRows(x); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	want := write(1050)
	f, err := parquet.OpenFile(bytes.NewReader(want), int64(len(want)))
	if err != nil || len(f.RowGroups()) != 11 {
		t.Fatalf("%v", err)
	}
	for _, piece := range []int{1, 7, 100, 333} {
		if !bytes.Equal(write(piece), want) {
			t.Errorf("pieces of %d: other bytes", piece)
		}
	}
}

// Samplings that share slots draw what they draw alone.
func TestSlots(t *testing.T) {
	m, _ := aModel(t)
	slots := make(chan struct{}, 1)
	var want []float64
	c := config("", 500)
	c.Chunk = 50
	if _, err := Run(context.Background(), c, Env{Model: m, Sink: func(x ito.States) error {
		want = append(want, x.X...)
		return nil
	}}); err != nil {
		t.Fatal(err)
	}
	done := make(chan []float64)
	for range 4 {
		go func() {
			var got []float64
			_, err := Run(context.Background(), c, Env{Model: m, Slots: slots, Sink: func(x ito.States) error {
				got = append(got, x.X...)
				return nil
			}})
			if err != nil || len(slots) > 1 {
				t.Error(err)
			}
			done <- got
		}()
	}
	for range 4 {
		if !slices.Equal(<-done, want) {
			t.Error("other samples")
		}
	}
	if len(slots) != 0 {
		t.Error("a slot is left")
	}
	slots <- struct{}{} // taken by another
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, c, Env{Model: m, Slots: slots, Sink: func(ito.States) error { return nil }}); !errors.Is(err,
		context.Canceled) {
		t.Error(err)
	}
}
