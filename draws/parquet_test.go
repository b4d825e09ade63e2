package draws

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
)

// Files of pyarrow hold what pyarrow put into them, whatever the codec, the layout of the pages, the encoding and
// the kind of number; see testdata/others/make.py.
func TestParquetOfPyarrow(t *testing.T) {
	raw, err := os.ReadFile(others("expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]map[string][]float64
	if err := json.Unmarshal(raw, &expected); err != nil {
		t.Fatal(err)
	}
	if len(expected) != 19 {
		t.Errorf("%d files are expected", len(expected))
	}
	for name, columns := range expected {
		s, err := Read(others(name + ".parquet"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.Chains != 3 || s.Draws != 60 || len(s.Columns) != len(columns) {
			t.Errorf("%s: %d chains of %d draws of %v", name, s.Chains, s.Draws, s.Columns)
			continue
		}
		for column, want := range columns {
			if got := slices.Concat(s.Column(s.Find(column))...); !slices.Equal(got, want) {
				t.Errorf("%s: %s is %v, want %v", name, column, got[:3], want[:3])
			}
		}
	}
}

// What is no number is refused by the column and by what it holds, and so is a value that is not there, by its row.
func TestParquetRefusals(t *testing.T) {
	for name, want := range map[string]string{
		"not_date": `column "x" is not of plain numbers: it holds dates`, "not_timestamp": "it holds points in time",
		"not_time":   "it holds times of day",
		"not_string": "it holds text", "not_list": "it holds a", "not_struct": "it holds a",
		"null":        "column x: row 6: there is no value (null)",
		"lz4_corrupt": "column y: the file is damaged: a page does not unpack to the 3207 bytes",
	} {
		var bad *store.FormatError
		if _, err := Open(others(name + ".parquet")); !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// A damaged file costs no more memory than it has bytes and says that it is damaged: every bit that is turned, and
// every place at which it is cut.
func TestDamagedParquet(t *testing.T) {
	for _, name := range []string{"codec_lz4_1", "codec_zstd_2", "codec_gzip_2", "hadoop"} {
		whole, err := os.ReadFile(others(name + ".parquet"))
		if err != nil {
			t.Fatal(err)
		}
		try := func(what string, b []byte) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			table := newTable("", heldWords)
			err := table.readParquet(strings.NewReader(string(b)), int64(len(b)), what)
			table.Close()
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 64<<20 {
				t.Errorf("%s, %s: %d bytes were allocated", name, what, n)
			}
			if err != nil && !errors.Is(err, ito.ErrInput) && !isFormat(err) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
		for at := 0; at < len(whole); at += 1 + len(whole)/150 {
			b := slices.Clone(whole)
			b[at] ^= 1 << (at % 8)
			try(fmt.Sprintf("bit %d of byte %d", at%8, at), b)
			try(fmt.Sprintf("cut at %d", at), whole[:at])
		}
	}
}

func FuzzParquet(f *testing.F) {
	for _, name := range []string{"codec_lz4_1", "codec_snappy_2", "encoding_delta", "encoding_split", "kinds",
		"hadoop", "null", "not_list"} {
		b, err := os.ReadFile(others(name + ".parquet"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		table := newTable(t.TempDir(), 1<<16)
		defer table.Close()
		if err := table.readParquet(strings.NewReader(string(b)), int64(len(b)), "fuzz"); err != nil && !errors.Is(err,
			ito.ErrInput) && !isFormat(err) {
			t.Fatalf("not an input error: %v", err)
		}
	})
}

// Small files that would unpack to much, or say so, are refused before they do.
func TestParquetBombs(t *testing.T) {
	whole, err := os.ReadFile(others("codec_zstd_1.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := openParquet(strings.NewReader(string(whole)), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	f.rows, f.groups = 1<<40, []parquetGroup{{rows: 1 << 40, chunks: f.groups[0].chunks}}
	for k := range f.groups[0].chunks {
		f.groups[0].chunks[k].values = 1 << 40
	}
	if err := f.check(); err == nil || !strings.Contains(err.Error(),
		"would unpack to 1099511627776 rows of 6 columns") {
		t.Error(err)
	}
	// 100 MB of zeros in 10 kB, said to be 200 bytes, or said to be what they are.
	packed := pack(t, make([]byte, 100<<20))
	var u unpacker
	defer u.close()
	for size, want := range map[int]string{200: "a page does not unpack to the 200 bytes",
		101 << 20: "does not unpack to the 105906176 bytes"} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := u.unpack(codecZstd, packed, size)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d bytes: %v", size, err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; size == 200 && n > 16<<20 {
			t.Errorf("%d bytes were allocated for a page of %d", n, size)
		}
	}
	for codec, name := range map[int64]string{codecSnappy: "Snappy", codecGzip: "gzip", codecLZ4: "LZ4",
		codecLZ4Raw: "raw LZ4"} {
		if _, err := u.unpack(codec, make([]byte, 100), mostPage); err == nil || !strings.Contains(err.Error(),
			"is said to unpack to") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := u.unpack(codecLZO, make([]byte, 100), 100); err == nil || !strings.Contains(err.Error(),
		"codec 3, which is not read") {
		t.Error(err)
	}
}
